"""Names and tax identifiers of the demo's companies, each in its country's script and with valid check digits.

A name is a combination picked by index, so that no two of a country are equal; a tax identifier carries the index too.
Check digits come from python-stdnum.
"""

# ruff: noqa: SIM905  a list of words reads best as a line of words
from __future__ import annotations

from typing import NamedTuple

from stdnum.cn import uscc
from stdnum.gb import vat as gb_vat
from stdnum.iso7064 import mod_11_10
from stdnum.ru import inn

RU_FIRST = (
    "Северный Южный Волжский Уральский Сибирский Балтийский Донской Камский Невский Окский Алтайский Онежский "
    "Карельский Амурский Байкальский Ладожский Каспийский Тверской Рязанский Тульский Пермский Омский Томский Вятский "
    "Белый Новый Первый Большой Дальний Красный Зелёный Тихий"
).split()
RU_SECOND = (
    "берег путь мост порт парк завод склад дом лес луг дуб кедр клён ручей родник камень причал маяк вектор контур "
    "метиз крепёж картон текстиль хлеб сахар фарфор кирпич цемент прокат кабель прибор насос редуктор подшипник "
    "инструмент"
).split()
RU_FORMS = ("ООО", "АО", "ООО ТД", "ООО ПК", "ПАО")
ZH_PLACES = "上海 北京 深圳 广州 杭州 苏州 南京 宁波 青岛 厦门 成都 重庆 武汉 西安 天津 大连 无锡 佛山 东莞 长沙".split()
ZH_BRANDS = (
    "华星 远航 嘉禾 瑞丰 恒通 金桥 东方 明珠 鼎盛 宏达 天成 永兴 广源 新元 海川 同创 中泰 安信 百合 长青 "
    "德润 福临 国泰 汇丰源 锦程 九州 康达 联创 美林 诺亚 鹏程 祥云 银河 卓越 盛世 博远"
).split()
ZH_TRADES = "贸易 机械 电子 纺织 食品 建材 化工 五金 包装 物流 科技 家具 仪器 金属 塑料".split()
EN_FIRST = (
    "Alder Ashby Barrow Beacon Birch Blackwood Bramble Calder Carrick Chalk Clover Cobalt Copper Cotswold Dale Drake "
    "Elm Fairfield Fen Granite Hadley Harrow Hawthorn Heron Holloway Juniper Kestrel Lark Linden Marsh Merton Moor "
    "Northgate Oakham Pennine Quarry Rowan Severn Stanton Thorn Tyne Wren"
).split()
EN_SECOND = (
    "Textiles Tools Timber Foods Paper Metals Plastics Chemicals Instruments Lighting Furniture Packaging Logistics "
    "Bearings Castings Ceramics Components Fabrics Glass Hardware Pumps Seeds Supplies Systems Valves"
).split()
EN_FORMS = ("Ltd", "plc", "LLP", "& Sons Ltd", "Group Ltd")
DE_FORMS = ("GmbH", "AG", "KG")

GOODS = {
    "ru": (
        "Болты М12",
        "Кабель ВВГ 3х2,5",
        "Картон гофрированный",
        "Краска фасадная",
        "Лист стальной 3 мм",
        "Насос центробежный",
        "Подшипник 6205",
        "Плёнка упаковочная",
        "Редуктор червячный",
        "Ткань суровая",
        "Фильтр масляный",
        "Шланг армированный",
    ),
    "zh": (
        "不锈钢螺栓",
        "铜芯电缆",
        "瓦楞纸箱",
        "工业轴承",
        "冷轧钢板",
        "离心水泵",
        "棉布",
        "塑料薄膜",
        "减速机",
        "过滤器",
        "瓷砖",
        "液压软管",
    ),
    "en": (
        "Steel bolts M12",
        "Copper cable 3x2.5",
        "Corrugated boxes",
        "Facade paint",
        "Sheet steel 3 mm",
        "Centrifugal pump",
        "Ball bearing 6205",
        "Stretch film",
        "Worm gear",
        "Grey cloth",
        "Oil filter",
        "Reinforced hose",
    ),
}
SERVICES = {
    "ru": ("Доставка", "Монтаж оборудования", "Ремонт", "Аренда склада", "Консультации"),
    "zh": ("运输服务", "设备安装", "维修服务", "仓库租赁", "咨询服务"),
    "en": ("Delivery", "Installation", "Repair", "Warehouse rent", "Consulting"),
}


RU_CITIES = (
    "115035, г. Москва", "115054, г. Москва", "109428, г. Москва", "194100, г. Санкт-Петербург", "142701, Московская обл., г. Видное",
    "443010, г. Самара", "630099, г. Новосибирск", "623400, Свердловская обл., г. Каменск-Уральский", "420111, г. Казань",
    "350063, г. Краснодар",
)  # fmt: skip
RU_STREETS = "Садовая Заводская Лесная Набережная Советская Мира Гагарина Школьная Складская Полевая Речная".split()
ZH_DISTRICTS = (
    "上海市浦东新区 北京市海淀区 深圳市南山区 广州市天河区 杭州市西湖区 苏州市吴中区 南京市鼓楼区 宁波市海曙区 青岛市市南区 厦门市思明区"
).split()
ZH_ROADS = "中山路 人民路 建设路 解放路 和平路 新华路 长江路 黄河路 文化路 科技路 海滨路".split()
EN_TOWNS = (
    "London EC1A 4HD", "Leeds LS1 5DL", "Bristol BS1 6DZ", "Sheffield S1 2BX", "Norwich NR2 1TF", "York YO1 7HH", "Exeter EX1 1EE",
    "Derby DE1 3AE", "Reading RG1 2AG", "Cardiff CF10 1EP",
)  # fmt: skip
EN_STREETS = "Mill Castle Market Station Church Park Victoria Bridge Queen Foundry Canal".split()
DE_TOWNS = (
    "10115 Berlin", "20095 Hamburg", "50667 Köln", "60311 Frankfurt am Main", "70173 Stuttgart", "40213 Düsseldorf", "04109 Leipzig",
    "28195 Bremen", "90402 Nürnberg", "44135 Dortmund",
)  # fmt: skip
DE_STREETS = "Bahnhofstraße Hauptstraße Gartenweg Lindenallee Marktplatz Schillerstraße Hafenstraße Industrieweg".split()


class Company(NamedTuple):
    """`kpp` only in Russia."""

    name: str
    tax_id: str
    address: str
    kpp: str = ""


def _combination(index: int, first: list[str], second: list[str], third: tuple[str, ...] | list[str]) -> tuple[list[str], str]:
    """The words of the index-th combination, and a running number once all are used. Every word moves on with the index, so that
    neighbours differ in all; the steps 11 and 4 keep the combinations of these lists apart (tested)."""
    turn, place = divmod(index, len(first) * len(second) * len(third))
    words = [
        first[place % len(first)],
        second[(place // len(first) + 11 * place) % len(second)],
        third[(place // (len(first) * len(second)) + 4 * place) % len(third)],
    ]
    return words, f" {turn + 1}" if turn else ""


def russian_company(index: int) -> Company:
    """ООО «Волжский кедр», with INN of ten digits and KPP of the same tax office."""
    (first, second, form), turn = _combination(index, RU_FIRST, RU_SECOND, RU_FORMS)
    office = ("7701", "7705", "7722", "7802", "5003", "6315", "5401", "6612", "1655", "2311")[index % 10]
    digits = f"{office}{(10_000 + index // 10) % 100_000:05d}"
    address = f"{RU_CITIES[index % 10]}, ул. {RU_STREETS[index % 11]}, д. {1 + index % 97}"
    return Company(f"{form} «{first} {second}{turn}»", digits + inn.calc_company_check_digit(digits), address, f"{office}01001")


def chinese_company(index: int) -> Company:
    """上海华星贸易有限公司, with its 18-character unified social credit code."""
    (place, brand, trade), turn = _combination(index, ZH_PLACES, ZH_BRANDS, ZH_TRADES)
    region = ("310115", "110108", "440305", "440106", "330106", "320505", "320106", "330203", "370202", "350203")[index % 10]
    digits = f"91{region}{f'{100_000_000 + index:09d}'}"
    address = f"{ZH_DISTRICTS[index % 10]}{ZH_ROADS[index % 11]}{1 + index % 997}号"
    return Company(f"{place}{brand}{turn.strip()}{trade}有限公司", digits + uscc.calc_check_digit(digits), address)


def british_company(index: int) -> Company:
    """Kestrel Tools Ltd, with a GB VAT number whose weighted sum is divisible by 97."""
    (first, second, form), turn = _combination(index, EN_FIRST, EN_SECOND, EN_FORMS)
    head = f"{1_500_000 + index:07d}"
    tail = -gb_vat.checksum(head + "00") % 97  # the last two digits weigh as one number
    address = f"{1 + index % 97} {EN_STREETS[index % 11]} Street, {EN_TOWNS[index % 10]}"
    return Company(f"{first} {second}{turn} {form}", f"GB{head}{tail:02d}", address)


def german_company(index: int) -> Company:
    """Buyers and suppliers in euro, with a DE VAT number (ISO 7064 mod 11, 10)."""
    (first, second, form), turn = _combination(index, EN_FIRST, EN_SECOND, DE_FORMS)
    head = f"{11_000_000 + index:08d}"
    address = f"{DE_STREETS[index % 8]} {1 + index % 97}, {DE_TOWNS[index % 10]}"
    return Company(f"{first} {second}{turn} {form}", f"DE{head}{mod_11_10.calc_check_digit(head)}", address)
