"""The quick way over stretches of numbers finds what the slow way finds."""

import random

import orchestration.money.reader as reader

PIECES = [
    "1억 ",
    "2만 명, ",
    "3조~",
    "수천 ",
    "5억을 벌었다. ",
    "가나다라마바사 " * 30,
    "7억원(5억 달러) ",
    "추경 9조 편성. ",
    "1달러=1450원 ",
    "8천",
]


def test_patience_changes_nothing(monkeypatch):
    choose = random.Random(7)
    for _ in range(60):
        text = "".join(choose.choices(PIECES, k=60))
        monkeypatch.setattr(reader, "_PATIENCE", 10**9)
        slow = reader.read_mentions(text)
        monkeypatch.setattr(reader, "_PATIENCE", -1)
        assert reader.read_mentions(text) == slow
