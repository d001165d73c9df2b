"""Texts about a few things, said in many ways in two languages, from a seed."""

from __future__ import annotations

import random

THINGS = {
    "lighting": ("desk lamp", "ceiling light", "spare bulbs", "reading lamp", "台灯", "吊灯"),
    "seating": ("office chair", "bar stool", "armchair", "folding chair", "办公椅", "沙发"),
    "delivery": ("late parcel", "missing shipment", "courier delay", "lost box", "快递延误", "包裹丢失"),
    "invoice": ("wrong invoice", "tax receipt", "billing address", "double charge", "发票抬头", "重复扣款"),
    "repair": ("broken drawer", "scratched table", "loose screw", "cracked glass", "抽屉坏了", "桌面划痕"),
}
WAYS = (
    "we need help with the {} please",
    "could you look at our {}",
    "question about a {} for the new office",
    "{} again, who can answer",
    "my colleague asks for {}",
    "our shop wants to know more about {} soon",
)
CHINESE_WAYS = ("请问{}怎么办", "我们公司想了解{}的情况", "关于{}请尽快回复", "需要处理{}")
STRANGE = (
    "qubit entanglement thesis",
    "sourdough hydration",
    "天文望远镜观测",
    "violin bow rosin",
    "火山喷发",
)


def some(count: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Return texts with their types, every type as often as the others."""
    drawn = random.Random(seed)
    texts, types = [], []
    for number in range(count):
        kind = list(THINGS)[number % len(THINGS)]
        thing = drawn.choice(THINGS[kind])
        ways = WAYS if thing.isascii() else CHINESE_WAYS
        texts.append(drawn.choice(ways).format(thing))
        types.append(kind)
    return texts, types
