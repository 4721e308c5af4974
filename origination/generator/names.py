"""Common Chinese surnames, given names and trade words, from which lessees are named.

Combinations are drawn at random: any resemblance to a person or a company is chance.
"""

SURNAMES = tuple(
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜"
)
#: Weights in the order of `SURNAMES`: frequencies fall roughly as the inverse of rank.
SURNAME_WEIGHTS = tuple(1.0 / (rank + 4.0) for rank in range(len(SURNAMES)))

# fmt: off
GIVEN_NAMES = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛",
    "明", "超", "秀英", "霞", "平", "刚", "桂英", "建华", "建国", "建军", "志强", "志明",
    "海燕", "海涛", "春梅", "雪梅", "玉兰", "玉梅", "晓明", "晓东", "晓丽", "文静", "文博",
    "俊杰", "浩然", "子轩", "梓涵", "雨桐", "欣怡", "佳琪", "嘉豪", "国强", "国栋", "永强",
    "永刚", "德华", "红梅", "丽娟", "丽华", "小红", "小龙", "少华", "立新", "立军", "振华",
    "天宇", "宇航", "思远", "婷婷", "倩", "鹏", "飞", "斌", "波", "辉", "健", "亮", "凯", "帅",
    "鑫", "宁", "慧", "燕", "玲", "丹", "萍", "红", "云", "莉", "婷", "雪", "琳", "颖",
)
TRADE_WORDS = (
    "恒通", "瑞达", "鸿运", "顺风", "金桥", "华盛", "远航", "立信", "德润", "博远", "同泰",
    "信和", "中兴", "万里", "安顺", "嘉诚",
)
TRADES = (
    "汽车服务", "物流", "商贸", "网络科技", "建筑工程", "食品", "出租汽车", "供应链管理",
)
# fmt: on
