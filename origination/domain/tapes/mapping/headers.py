"""What columns are called: headers in English and Chinese, and the elements of EX-102."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_UNIT: Final = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_NOISE: Final = re.compile(r"[^0-9a-z\u3400-\u9fff]")

#: Fields and what their columns are called, beside the field's own name.
SYNONYMS: Final[Mapping[str, str]] = {
    "contract_number": (
        "contract no|contract id|contract|agreement number|lease number|lease id|lease no|"
        "loan number|account number|合同编号|合同号|租赁合同号|租赁合同编号|合同代码|"
        "业务编号|项目编号|借据号|订单号"
    ),
    "lessee_kind": (
        "lessee type|customer type|borrower type|承租人类型|客户类型|客户类别|承租人类别|"
        "客户性质|主体类型"
    ),
    "lessee_name": (
        "lessee|customer name|customer|borrower|borrower name|name of lessee|承租人|"
        "承租人姓名|承租人名称|客户姓名|客户名称|姓名|借款人|借款人姓名"
    ),
    "lessee_id_number": (
        "id number|identity number|id no|national id|id card|uscc|tax id|身份证号|身份证号码|"
        "身份证|证件号|证件号码|证件编号|统一社会信用代码|承租人证件号|承租人身份证号|"
        "客户证件号码"
    ),
    "lessee_phone": (
        "phone|mobile|telephone|phone number|mobile number|手机|手机号|手机号码|电话|"
        "联系电话|联系方式|承租人手机号"
    ),
    "lessee_group": "group|related group|obligor group|集团|关联集团|关联方|所属集团",
    "lessee_income_monthly_minor": "monthly income|income|月收入|承租人月收入|税后月收入|收入",
    "credit_score": (
        "score|fico|bureau score|credit rating score|信用分|信用评分|评分|征信分|客户评分"
    ),
    "employment": "employment type|occupation|job type|职业|就业类型|职业类型|工作性质",
    "province": (
        "state|region|province name|location|省|省份|所在省|所在省份|地区|承租人省份|"
        "归属省份|省市"
    ),
    "dealer_code": "dealer|dealer id|channel|经销商|经销商编号|经销商代码|渠道|渠道商|渠道编号",
    "vin": (
        "vin code|vehicle identification number|chassis number|chassis no|frame number|"
        "车架号|车架号码|车辆识别代号|车辆识别代码|车辆识别码|vin码|底盘号"
    ),
    "vehicle_make": "make|brand|manufacturer|vehicle brand|品牌|车辆品牌|厂牌|汽车品牌|制造商",
    "vehicle_model": "model|vehicle|series|车型|车型名称|型号|车辆型号|车系|车辆名称",
    "model_year": "year|vehicle year|my|年款|车型年份|年份|车辆年份|出厂年份|生产年份",
    "energy": (
        "fuel|fuel type|energy type|powertrain|能源类型|燃料类型|燃料|燃料种类|动力类型|"
        "能源种类"
    ),
    "condition": (
        "new used|new or used|vehicle condition|新旧|新旧车|新旧程度|车况|车辆状况|"
        "新车二手车|车辆性质"
    ),
    "vehicle_use": "use|usage|purpose|vehicle usage|使用性质|用途|车辆用途|使用用途",
    "odometer_km": "odometer|mileage|km|里程|里程数|行驶里程|表显里程|公里数",
    "plate": (
        "plate number|license plate|licence plate|registration|车牌|车牌号|车牌号码|号牌号码|"
        "牌照号"
    ),
    "vehicle_price_minor": (
        "vehicle price|price|invoice price|invoice amount|appraised value|vehicle value|车价|"
        "车辆价格|发票价|发票金额|裸车价|评估价|评估价值|车辆评估价|车辆总价|购车价格|"
        "车辆价款"
    ),
    "currency": "ccy|currency code|币种|货币|币别",
    "product": (
        "product type|lease type|product name|产品|产品类型|租赁类型|租赁方式|业务类型|"
        "业务模式|产品名称"
    ),
    "financed_amount_minor": (
        "financed amount|finance amount|amount financed|loan amount|lease amount|principal|"
        "original balance|net capital cost|融资额|融资金额|融资总额|租赁本金|贷款金额|本金|"
        "放款金额|融资租赁本金|初始本金"
    ),
    "deposit_minor": "deposit|security deposit|保证金|押金|保证金金额|租赁保证金",
    "fee_minor": "fee|fees|service fee|handling fee|手续费|服务费|咨询费|费用",
    "residual_minor": (
        "residual|residual value|balloon|balloon amount|purchase price|尾款|尾付|残值|留购价|"
        "留购价款|留购金额|尾款金额|名义价款"
    ),
    "residual_kind": (
        "residual type|balloon type|残值类型|尾款类型|留购方式|期末处置方式|期末处理方式"
    ),
    "rent_pattern": (
        "repayment method|payment pattern|amortisation|amortization|payment type|还款方式|"
        "还款类型|租金计算方式|计息方式|偿还方式|租金支付方式"
    ),
    "rent_timing": (
        "timing|payment timing|advance or arrears|支付时点|先付后付|付款时点|租金支付时点|"
        "起租方式|期初期末"
    ),
    "rent_minor": (
        "rent|monthly rent|monthly payment|instalment|installment|payment|periodic payment|"
        "月租金|每期租金|租金|月供|每月还款额|期供|每期还款额|首期租金|月还款额"
    ),
    "annual_nominal_rate": (
        "rate|interest rate|annual rate|apr|nominal rate|coupon|利率|年利率|合同利率|"
        "租赁年利率|名义利率|执行利率|年化利率"
    ),
    "term_months": (
        "term|original term|lease term|tenor|term in months|期限|租赁期限|租期|期数|总期数|"
        "合同期限|还款期数|融资期限|租赁期数"
    ),
    "originated_on": (
        "origination date|start date|contract date|lease start|commencement date|"
        "booking date|起租日|起租日期|合同日期|签约日期|合同签订日|放款日期|放款日|起始日期|"
        "合同开始日|租赁开始日"
    ),
    "first_payment_on": (
        "first payment date|first payment|first due date|first rent date|首期还款日|"
        "首次还款日|首期租金日|首期支付日|首个还款日|第一期还款日|首期扣款日"
    ),
    "maturity_on": (
        "maturity date|end date|maturity|lease end|expiry date|termination date|到期日|"
        "到期日期|合同到期日|租赁到期日|结束日期|合同结束日|终止日期|租赁届满日"
    ),
    "photo_sha256": "photo hash|照片哈希",
    "reported_on": (
        "as of|as of date|report date|reporting date|cut off date|cutoff date|data date|"
        "报告日|数据日期|截止日期|统计日期|基准日|截止日|数据截止日|封包日"
    ),
    "status": (
        "state of lease|lease status|contract status|account status|合同状态|租赁状态|"
        "资产状态|状态|还款状态|贷款状态"
    ),
    "balance_minor": (
        "balance|current balance|outstanding|outstanding balance|outstanding principal|"
        "principal balance|remaining principal|余额|剩余本金|未偿本金|本金余额|当前余额|"
        "未偿本金余额|剩余租赁本金|剩余应收本金"
    ),
    "arrears_minor": (
        "arrears|overdue amount|past due amount|delinquent amount|逾期金额|欠款|拖欠金额|"
        "逾期租金|逾期总额"
    ),
    "days_past_due": (
        "dpd|days overdue|delinquency days|days delinquent|逾期天数|当前逾期天数|拖欠天数"
    ),
    "remaining_months": (
        "remaining term|remaining months|months remaining|remaining tenor|剩余期限|剩余期数|"
        "剩余月数|剩余租期"
    ),
    "paid_total_minor": (
        "total paid|paid to date|cumulative paid|amount paid|累计还款|已付金额|累计已付|"
        "已还金额|累计已还|已收租金|累计收款"
    ),
    "paid_through_on": (
        "paid through|paid through date|paid to|interest paid to|已付至|租金付至|已还至日期"
    ),
    "next_due_on": (
        "next due date|next payment date|next due|下次还款日|下期还款日|下一还款日|下期租金日"
    ),
    "ended_on": "closed date|close date|ended|结清日|结清日期|终结日期|提前结清日|合同终止日",
    "vehicle_value_minor": (
        "current vehicle value|market value|present value of vehicle|车辆现值|当前评估价|"
        "当前估值|车辆当前价值|最新评估价"
    ),
    "charged_off_minor": "charged off|charge off|written off amount|核销金额|核销额",
    "recovered_minor": "recovered|recoveries|recovery|回收金额|处置回收|回收额",
    "extended_months": "extension|extended by|展期月数|展期期数|延期月数",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """A header without case, spaces and signs, and the unit that it names in brackets."""

    plain: str
    unit: str


def plain(text: str) -> str:
    """Letters, digits and Chinese characters of a text, in lower case and half width."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).lower())


def header_of(name: str) -> Header:
    """A column's name taken apart."""
    half = unicodedata.normalize("NFKC", name)
    units = _UNIT.findall(half)
    return Header(plain(_UNIT.sub("", half)), units[-1].strip().lower() if units else "")


def _table() -> dict[str, str]:
    known: dict[str, str] = {}
    for field, words in SYNONYMS.items():
        for word in (field, *words.split("|")):
            known.setdefault(plain(word), field)
    return known


#: plain header → field
KNOWN: Final = _table()
#: The longest first, so that 合同到期日 is found before 到期日; short Latin words say too little.
PARTS: Final = sorted(
    (word for word in KNOWN if len(word) >= (2 if not word.isascii() else 5)),
    key=len,
    reverse=True,
)
#: EX-102 elements: (field, how it is written). The others stay as they are.
EX102: Final[Mapping[str, tuple[str, str]]] = {
    "assetNumber": ("asset_number", "text"),
    "originationDate": ("originated_on", "month"),
    "acquisitionCost": ("financed_amount_minor", "major"),
    "originalLeaseTermNumber": ("term_months", "number"),
    "scheduledTerminationDate": ("maturity_on", "month"),
    "originalFirstPaymentDate": ("first_payment_on", "month"),
    "vehicleManufacturerName": ("vehicle_make", "token"),
    "vehicleModelName": ("vehicle_model", "token"),
    "vehicleNewUsedCode": ("condition", "code"),
    "vehicleModelYear": ("model_year", "number"),
    "vehicleValueAmount": ("vehicle_price_minor", "major"),
    "contractResidualValue": ("residual_minor", "major"),
    "lesseeCreditScore": ("credit_score", "number"),
    "lesseeGeographicLocation": ("province", "code"),
    "securitizationDiscountRate": ("annual_nominal_rate", "fraction"),
}
