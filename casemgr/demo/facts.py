"""What invented people's lives are made of, each with its words in both languages.

Where a fact has two wordings, the first is the family's and the second somebody else's: a stranger
or a grown child never repeats a family's sentence.
"""

# ruff: noqa: E501 - one fact a line

from dataclasses import dataclass
from typing import Final

Words = dict[str, str]


def both(zh: str, en: str) -> Words:
    """One thing in both languages."""
    return {"zh": zh, "en": en}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a child was last seen; `before` says that the words come before the place in English."""

    place_type: str
    words: Words


SPOTS: Final = (
    Spot("market", both("的集市上", "the market in")),
    Spot("market", both("菜市场门口", "the gate of the vegetable market in")),
    Spot("transport_hub", both("长途汽车站", "the coach station in")),
    Spot("transport_hub", both("火车站广场", "the square before the railway station in")),
    Spot("outside_home", both("，自家门口", "just outside our house in")),
    Spot("outside_home", both("，出租屋楼下", "downstairs from our rented room in")),
    Spot("street", both("的街上", "the high street of")),
    Spot("school", both("，放学回家的路上", "on the way home from school in")),
    Spot("shop", both("一家小超市", "a small supermarket in")),
    Spot("hospital", both("人民医院", "the people's hospital in")),
    Spot("park", both("的公园里", "the park in")),
    Spot("workplace", both("，工地旁边", "by the building site where we worked, in")),
    Spot("urban_rural_fringe", both("城边的出租村", "the edge-of-town village we rented in,")),
)

SIGHTING_SPOTS: Final = (
    both("火车站出站口", "outside the railway station in"),
    both("地铁口", "at an underground entrance in"),
    both("夜市", "at the night market in"),
    both("步行街", "on the pedestrian street in"),
    both("汽车站候车室", "in the waiting room of the coach station in"),
    both("过街天桥上", "on a footbridge in"),
    both("菜市场", "at a vegetable market in"),
    both("医院门口", "in front of a hospital in"),
    both("庙会", "at a temple fair in"),
    both("高速服务区", "at a motorway rest stop near"),
)

STREET: Final[dict[str, tuple[Words, ...]]] = {
    "begging": (
        both("跟着一个大人在要钱，一直低着头", "begging with an adult, head down all the time"),
        both("端着碗坐在地上", "sitting on the ground with a bowl"),
    ),
    "peddling": (
        both("在卖花，见人就递", "selling flowers to whoever walked by"),
        both("提着一篮子小玩意在卖", "selling trinkets from a basket"),
    ),
    "performing": (
        both("在表演翻跟头，旁边有人收钱", "doing somersaults while somebody collected money"),
    ),
    "with_adults": (
        both("跟两个大人在一起，不像一家人", "with two adults who did not seem to be family"),
        both("一个中年女人拉着走，孩子不太愿意", "led by a middle-aged woman, rather unwillingly"),
    ),
    "alone": (
        both("一个人站着，好像在等人", "standing alone, as if waiting for somebody"),
        both("一个人在角落里睡觉", "asleep alone in a corner"),
    ),
    "labour": (both("在小饭馆里端盘子", "carrying plates in a small restaurant"),),
}

COMPANIONS: Final = (
    both(
        "带孩子的是个四十来岁的男人，外地口音", "a man of about forty with an accent not from here"
    ),
    both("旁边有个老太太，不让拍照", "an old woman was there who did not want photos"),
    both("还有一个更小的孩子", "a smaller child was with them"),
    both("没看见大人", "no adult that I could see"),
)

COLOURS: Final = (
    both("红色", "red"), both("蓝色", "blue"), both("黑色", "black"), both("白色", "white"),
    both("灰色", "grey"), both("黄色", "yellow"), both("绿色", "green"), both("粉色", "pink"),
)  # fmt: skip
WARM_TOPS: Final = (
    both("棉袄", "padded jacket"), both("外套", "jacket"), both("毛衣", "jumper"),
    both("卫衣", "hoodie"),
)  # fmt: skip
LIGHT_TOPS: Final = (
    both("短袖", "T-shirt"), both("衬衫", "shirt"), both("背心", "vest"), both("外套", "jacket"),
)  # fmt: skip
BOTTOMS: Final = (
    both("裤子", "trousers"),
    both("牛仔裤", "jeans"),
    both("运动裤", "tracksuit trousers"),
)
SHOES: Final = (
    both("布鞋", "cloth shoes"),
    both("运动鞋", "trainers"),
    both("雨靴", "rubber boots"),
)

MEMORIES: Final[tuple[tuple[Words, Words], ...]] = (
    (both("家门口有条河，河上是石拱桥", "there is a river before our house with a stone arch bridge"),
     both("记得屋前有水，过一座石头桥去外婆家", "I remember water in front of the house and a stone bridge on the way to grandmother")),
    (both("屋后是一片竹林", "behind the house there is bamboo"),
     both("房子后面好多竹子，风一吹沙沙响", "a lot of bamboo behind the house, rustling in the wind")),
    (both("家里种烟叶，院子里有烤烟房", "we grow tobacco and have a curing barn in the yard"),
     both("院子里有个很热的小房子，烤叶子用的", "there was a hot little hut in the yard where leaves were dried")),
    (both("门前有棵大核桃树", "a big walnut tree stands before the door"),
     both("门口有棵大树，秋天捡核桃", "a big tree at the door, in autumn we gathered walnuts")),
    (both("家住半山腰，下面是梯田", "our house is half way up the hill, over rice terraces"),
     both("住在山上，往下看是一层一层的田", "we lived on a hill, below us fields like steps")),
    (both("村口有座水塔", "a water tower stands at the entrance of the village"),
     both("进村的地方有个很高的水塔", "a very high water tower where you come into the village")),
    (both("家离铁路很近", "we live close by the railway"),
     both("晚上总听见火车响", "at night one always heard trains")),
    (both("爷爷养了一头水牛", "grandfather kept a water buffalo"),
     both("爷爷带我骑过水牛", "grandfather let me ride a water buffalo")),
    (both("有个大三岁的姐姐", "there is a sister three years older"),
     both("有个姐姐背过我", "an elder sister used to carry me on her back")),
    (both("上面有两个哥哥", "there are two elder brothers"),
     both("我有两个哥哥", "I had two brothers older than me")),
    (both("家里还有个双胞胎弟弟", "there is a twin brother"),
     both("好像有个跟我一样大的弟弟", "I think there was a brother of my age")),
    (both("爸爸开拖拉机拉砖", "the father drove a tractor and carried bricks"),
     both("爸爸有一辆拖拉机", "my father had a tractor")),
    (both("妈妈在街上卖豆腐", "the mother sold bean curd in the street"),
     both("妈妈做豆腐卖", "mother made bean curd to sell")),
    (both("父母在砖厂做工", "we worked at a brickyard"),
     both("爸妈在有大烟囱的厂里干活，到处是砖", "my parents worked at a place with a big chimney and bricks everywhere")),
    (both("家在煤矿的家属区", "we live in the miners' quarter of a coal mine"),
     both("到处黑黑的，大人下井", "everything was black, the grown-ups went down a pit")),
    (both("奶奶带大的，父母在外打工", "grandmother brought the child up while we worked away"),
     both("是奶奶带我，爸妈过年才回来", "grandmother raised me, my parents came only at New Year")),
    (both("家里开小卖部", "the family kept a small shop"),
     both("家里卖糖和烟，柜台很高", "we sold sweets and cigarettes over a high counter")),
    (both("院里有口水井", "there is a well in the yard"),
     both("天热了大人从井里打水给我冲凉", "when it was hot they poured water from a well over me")),
    (both("家住江边，爷爷打鱼", "we live by the big river, grandfather is a fisherman"),
     both("爷爷有条小船", "grandfather had a little boat")),
    (both("屋旁有个石磨", "a millstone stands beside the house"),
     both("奶奶推磨，我坐在上面玩", "grandmother turned a stone mill and I played on it")),
    (both("家里养蚕", "we keep silkworms"),
     both("屋里有一筐一筐吃叶子的虫子", "trays and trays of worms eating leaves in the house")),
    (both("爸爸是木匠", "the father is a carpenter"),
     both("家里到处是刨花", "there were wood shavings everywhere at home")),
    (both("妈妈在服装厂踩缝纫机", "the mother sews in a clothes factory"),
     both("妈妈上班的地方全是缝纫机", "where mother worked there were rows of sewing machines")),
    (both("家对面是座小学，有红旗", "a primary school with a red flag is opposite"),
     both("早上能听见对面学生做操", "in the mornings one heard pupils at their exercises across the road")),
    (both("住的是窑洞", "we live in a cave dwelling"),
     both("家在土崖里，门是圆的", "our home was dug into a cliff of earth and had a round door")),
    (both("村里有座老戏台", "there is an old opera stage in the village"),
     both("过节在戏台下面看戏", "on feast days we watched opera below a stage")),
)  # fmt: skip

CIRCUMSTANCES: Final[dict[str, Words]] = {
    "stealth": both(
        "一转眼就不见了，有人看见被抱上了一辆面包车",
        "gone within moments; somebody saw a child lifted into a van",
    ),
    "lured": both(
        "一个陌生女人说带去买糖，就没回来",
        "a woman we did not know offered sweets and they never came back",
    ),
    "acquaintance": both(
        "是一个同住的老乡带走的，他的名字是假的",
        "taken by a fellow lodger, whose name turned out to be false",
    ),
    "lost": both(
        "人多，手松开了，再也没找到",
        "the crowd was dense, a hand slipped, and we could not find each other again",
    ),
    "ran_away": both(
        "因为一点小事赌气出门，没有回来", "left after a small quarrel and did not come back"
    ),
    "promise": both(
        "有人说介绍去学手艺，走后断了音信",
        "somebody promised an apprenticeship; after that no word came",
    ),
    "unknown": both("怎么不见的，我们到现在也不知道", "how it happened we do not know to this day"),
}
CIRCUMSTANCE_WEIGHTS: Final = (28, 18, 10, 20, 6, 5, 13)
OLDER_CHILDRENS: Final = frozenset({"ran_away", "promise"})
"""Circumstances of children of nine and over."""

CLOSINGS: Final = (
    both("家里的电话一直没有换，全家都在等。", "Our number has never changed. We are all waiting."),
    both("这些年一直在找，没有放弃过。", "We have searched all these years and have not given up."),
    both("好心人有消息请告诉我们，谢谢。", "Whoever knows anything, please tell us. Thank you."),
    both("妈妈每年都做好生日面等着。", "Every year mother cooks the birthday noodles and waits."),
    both("只想知道孩子过得好不好。", "We only want to know that our child is well."),
)

EYES: Final = (0, 1)
TRAITS: Final[tuple[tuple[Words, Words], ...]] = (
    (both("大眼睛，双眼皮", "big eyes with double lids"), both("眼睛大大的", "large eyes")),
    (both("单眼皮，眼睛细长", "narrow eyes with single lids"), both("小眼睛", "small eyes")),
    (both("皮肤黑", "dark skin"), both("黑黑的", "sunburnt looks")),
    (both("头发自来卷", "naturally curly hair"), both("头发有点卷", "hair a bit curly")),
    (both("左撇子", "left-handed"), both("用左手拿东西", "used the left hand")),
    (both("说话有点口吃", "stammers a little"), both("说话结结巴巴", "spoke haltingly")),
    (both("爱笑，有酒窝", "laughs a lot and has dimples"), both("笑起来有两个酒窝", "dimples when smiling")),
    (both("瘦小，比同龄人矮", "thin, and small for that age"), both("又瘦又小", "very thin and small")),
    (both("胆子小，怕狗", "shy, and afraid of dogs"), both("很怕生", "very shy")),
    (both("爱唱歌", "loves to sing"), both("嘴里哼着歌", "humming a tune")),
)  # fmt: skip
"""What strikes people in a child; of the EYES one has only one sort."""

DIALECTS: Final[dict[str, tuple[Words, ...]]] = {
    "52": (both("贵州话", "Guizhou dialect"),),
    "53": (both("云南话", "Yunnan dialect"),),
    "51": (both("四川话", "Sichuanese"),),
    "50": (both("重庆话", "Chongqing dialect"),),
    "42": (both("湖北话", "Hubei dialect"),),
    "43": (both("湖南话", "Hunan dialect"),),
    "44": (both("粤语", "Cantonese"), both("客家话", "Hakka"), both("潮汕话", "Teochew")),
    "45": (both("白话", "Cantonese"), both("壮语", "Zhuang")),
    "35": (both("闽南语", "Hokkien"), both("福州话", "Fuzhou dialect")),
    "33": (both("温州话", "Wenzhou dialect"),),
    "36": (both("江西话", "Gan"), both("客家话", "Hakka")),
    "41": (both("河南话", "Henan dialect"),),
    "37": (both("山东话", "Shandong dialect"),),
    "61": (both("陕西话", "Shaanxi dialect"),),
    "14": (both("山西话", "Shanxi dialect"),),
    "21": (both("东北话", "northeastern speech"),),
    "22": (both("东北话", "northeastern speech"),),
    "23": (both("东北话", "northeastern speech"),),
    "34": (both("安徽话", "Anhui dialect"),),
}

HOMES: Final = {
    "53": 15, "52": 14, "51": 12, "41": 9, "43": 8, "44": 8, "45": 7, "34": 6, "42": 6, "36": 6,
    "61": 5, "50": 5, "37": 5, "13": 4, "35": 4, "14": 4, "33": 3, "32": 3, "62": 3, "21": 2,
    "23": 2, "22": 2, "15": 2, "64": 1, "65": 1, "46": 1, "11": 1, "12": 1, "31": 1, "63": 1,
}  # fmt: skip
"""Provinces that children go missing from, by how often."""
DESTINATIONS: Final = {
    "44": 14, "35": 12, "41": 11, "37": 11, "33": 7, "32": 6, "13": 6, "34": 4, "14": 3, "11": 3,
    "31": 3, "36": 4, "43": 3, "42": 3, "51": 3, "61": 2, "45": 2, "12": 2, "21": 2,
}  # fmt: skip
"""Provinces that children are seen in: mostly along the known routes to the coast."""
MINORITIES: Final = {
    "53": both("彝族", "Yi"), "52": both("苗族", "Miao"), "45": both("壮族", "Zhuang"),
    "63": both("藏族", "Tibetan"), "15": both("蒙古族", "Mongol"), "64": both("回族", "Hui"),
}  # fmt: skip
