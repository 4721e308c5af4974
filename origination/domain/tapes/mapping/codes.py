"""What codes are called in tapes: texts in English and Chinese for each code of a field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from origination.domain.tapes.mapping.headers import plain
from origination.domain.tapes.reported import TARGETS

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "lessee_kind": {
        "person": "individual|natural person|private|个人|自然人|个人客户|零售",
        "company": "corporate|business|enterprise|legal person|企业|法人|公司|机构|企业客户|对公",
    },
    "employment": {
        "salaried": "employed|employee|受薪|工薪|上班族|受雇|在职",
        "self_employed": "self employed|own business|freelance|个体|个体户|自雇|自由职业|经商",
        "ride_hailing": "driver|ride hailing|网约车|网约车司机|司机",
        "company": "corporate|企业|公司|法人",
    },
    "energy": {
        "petrol": "gasoline|gas|fuel|汽油|燃油|油车",
        "diesel": "柴油",
        "hybrid": "hev|混动|油电混合|混合动力|油混",
        "phev": "plug in hybrid|插混|插电混动|插电式混合动力|插电混合动力|增程|增程式",
        "bev": "electric|ev|battery electric|纯电|纯电动|电动|新能源",
    },
    "condition": {
        "new": "1|n|new vehicle|新车|新|全新",
        "used": "2|u|used vehicle|pre owned|second hand|二手车|二手|旧车|旧",
    },
    "vehicle_use": {
        "private": "personal|non operating|家用|自用|非营运|私家车|非营业",
        "ride_hailing": "ride hailing|taxi|网约车|预约出租客运|出租",
        "commercial": "business|operating|营运|商用|公司用车|货运|营业",
    },
    "product": {
        "direct_lease": "direct lease|finance lease|direct|直租|直接租赁|直接融资租赁",
        "sale_leaseback": "leaseback|sale and leaseback|slb|回租|售后回租|售后租回|返租",
    },
    "residual_kind": {
        "nominal_purchase": "nominal|nominal purchase|purchase option|留购|名义留购|名义货价",
        "balloon": "balloon payment|尾款|气球贷|弹性尾款|尾付",
        "unguaranteed": "unguaranteed residual|residual|退车|未担保残值|开放残值|残值",
    },
    "rent_pattern": {
        "level": "annuity|equal instalments|equal payments|等额本息|等额租金|等额年金",
        "level_principal": "equal principal|linear|等额本金",
        "flat_fee": "flat|flat rate|等本等息|固定手续费",
    },
    "rent_timing": {
        "arrears": "in arrears|end|后付|期末|期末支付|后付租金",
        "advance": "in advance|begin|先付|期初|期初支付|先付租金",
    },
    "status": {
        "active": "current|performing|normal|open|live|正常|履约中|在租|执行中|还款中|未结清",
        "overdue": "late|delinquent|past due|in arrears|逾期|拖欠",
        "extended": "extension|展期|延期",
        "settled": "closed|paid off|matured|completed|结清|已结清|正常结清|提前结清|到期结清",
        "terminated": "cancelled|early terminated|turned in|终止|解约|已终止|退租",
        "repossessed": "repo|repossession|收回|已收车|拖车|已拖回",
        "written_off": "charged off|charge off|核销|已核销|坏账",
    },
}
_PROVINCES: Final[Mapping[str, str]] = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁",
    "22": "吉林", "23": "黑龙江", "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽",
    "35": "福建", "36": "江西", "37": "山东", "41": "河南", "42": "湖北", "43": "湖南",
    "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏",
    "65": "新疆",
}  # fmt: skip
_SUFFIXES: Final = ("", "省", "市", "自治区", "壮族自治区", "回族自治区", "维吾尔自治区")
_CURRENCIES: Final = {
    "CNY": "rmb|人民币|人民币元|元|yuan|renminbi",
    "USD": "美元",
    "HKD": "港币|港元",
}


@cache
def code_table(field: str) -> dict[str, str]:
    """Plain text (`headers.plain`) → code, for every way in which a field's codes are written."""
    table: dict[str, str] = {}
    if field == "currency":
        for code, words in _CURRENCIES.items():
            table |= {plain(word): code for word in (code, *words.split("|"))}
        return table
    for code, label in TARGETS[field].codes.items():
        words = _WORDS.get(field, {}).get(code, "")
        for word in (code, label, *filter(None, words.split("|"))):
            table.setdefault(plain(word), code)
    if field == "province":
        for code, name in _PROVINCES.items():
            table |= {name + suffix: code for suffix in _SUFFIXES}
            table |= {f"{code}0000": code, f"cn{code}": code}
    return table
