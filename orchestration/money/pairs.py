"""Which mention restates another one in a second currency.

Here: a pure function over the mentions of a text and the words between them. Not here: whether the conversion is right (dbt,
with the rates of the day).
"""

import re
from collections.abc import Sequence

from orchestration.money.records import Mention

_LONGEST_GAP = 60  # characters between an amount and its restatement

# What may stand between an amount and the number that restates it: words that convert or approximate, never another quantity.
_WON = r"(?:한화|우리 ?돈|우리나라 ?돈|한국 ?돈|한국 원화|원화)"
_FOREIGN = r"(?:미화|달러화?|유로화|엔화|위안화|현지 ?(?:돈|화폐|통화))"
_LEAD_WORD = (
    rf"(?:약|대략|최소|최대|총|모두|무려|즉|곧|{_WON}|{_FOREIGN}|으로는?|로는?|환산액?|환산하면|환산 시|환산시|치면|따지면|계산하면|바꾸면|기준|시|이날|현재|당시|지난해|올해|오늘|전날|말"
    r"|매매기준율|고시|평균|원·달러|원/달러|환율|1(?:00)? ?(?:달러|엔|유로|위안|파운드)당?|(?:19|20)?[0-9]{2}년|[0-9]{1,2}월|[0-9]{1,2}일|[0-9]분기|=|≒|≈|:|·|,|\+)"
)
_LEAD = rf"(?: ?{_LEAD_WORD}){{0,8}} ?"
_TAIL = r"(?:원)? ?(?:규모|상당|어치|짜리|정도|가량|이상|이하|안팎|수준|대|선|씩|[을를이가은는의])?"
_NOUN = r"(?: ?(?:규모|상당|에 ?(?:이르|달하|육박하|해당하|상당하)는)?의? ?[가-힣]{1,8})"

_PAREN = re.compile(rf"{_TAIL} ?[(\[]{_LEAD}")
_PAREN_NOTED = re.compile(rf"{_TAIL} ?[(\[][^()\[\]·,]{{1,20}}(?:[·,] ?)(?:약|{_WON}|{_FOREIGN})(?: ?(?:약|으로|로))* ?")
_PAREN_FAR = re.compile(rf"{_TAIL}{_NOUN}?[(\[](?:약|{_WON})(?: ?(?:약|으로|로))* ?")
_DATED = re.compile(r"(?:[0-9]{2,4}년|[0-9]월|[0-9]일|지난해|올해|당시|분기)")
_GROUNDED = re.compile(r"환율|기준|환산|고시|약|한화|우리|원화|[=≒≈]")
_CHAIN = re.compile(
    rf"(?:대|상당|정도|가량)? ?(?:[·,/=≒+]|또는|혹은|\)\(|\) \(|, ?즉)(?: ?(?:약|{_WON}|{_FOREIGN}|으로|로|대략))* ?"
)
_PROSE_WON = re.compile(
    rf"(?! ?(?:와|과|및|이나|나|또는|하고|그리고)|,? ?원화 ?\Z)"
    rf"(?:[^()\[\]\n.]|\.(?=[^ ])|\. ?(?={_WON})){{0,24}}?(?<![가-힣]){_WON}(?:[ ,]|으로는?|로는?|기준|환산|약|하면|시|치면|따지면|계산하면|총|무려|대략|=|:|최대|최소)* ?"
)
_PROSE_FOREIGN = re.compile(
    rf"(?:[^()\[\]\n.]){{0,16}}?(?<![가-힣]){_FOREIGN}(?:로|으로)(?:는)? ?(?:환산하면|환산 시|환산|치면|따지면|계산하면|바꾸면)?,? ?(?:약|총|대략)? ?"
)
_EQUAL = re.compile(r" ?(?:=|≒|≈|, ?즉|, ?곧) ?(?:약|우리 ?돈|한화)? ?")
_EQUAL_TO = re.compile(r"에 (?:해당하는|상당하는|해당되는) ?(?:약 )?")
_UNPAIRABLE = ("rate", "rate_delta")


def find_pairs(text: str, mentions: Sequence[Mention]) -> list[int | None]:
    """For each mention, the index of the one that it restates (of a chain, the first), or None.

    A restatement follows its amount in a parenthesis or behind `우리 돈으로`, and in another currency. A parenthesis in the
    same currency, or one that names another quantity (`매출 2조원(영업이익 1500억원)`), is none.
    """
    bases: list[int | None] = [None] * len(mentions)
    for index in range(1, len(mentions)):
        before, mention = index - 1, mentions[index]
        rate = None
        if mentions[before].kind in _UNPAIRABLE and before:  # `50억 달러(환율 1450원 기준 약 7조원)`
            before, rate = before - 1, mentions[before]
        previous = mentions[before]
        if mention.kind in _UNPAIRABLE or previous.kind in _UNPAIRABLE:
            continue
        if mention.start - previous.end > _LONGEST_GAP or mention.currency == previous.currency:
            continue
        gap = text[previous.end : mention.start]
        if rate is not None:
            gap = text[previous.end : rate.start] + text[rate.end : mention.start].lstrip()
        base = bases[before]
        if base is not None:
            if _CHAIN.fullmatch(gap) and mention.currency != mentions[base].currency:
                bases[index] = base
        elif _restates(gap, mention, previous):
            bases[index] = before
    return bases


def _restates(gap: str, mention: Mention, previous: Mention) -> bool:
    if "(" in gap or "[" in gap:
        if _PAREN.fullmatch(gap):
            # A year alone is another year's price, `100달러(2019년 13만원)`; with 기준 or 환율 it dates the conversion.
            return _DATED.search(gap) is None or _GROUNDED.search(gap) is not None
        return (_PAREN_NOTED.fullmatch(gap) or _PAREN_FAR.fullmatch(gap)) is not None
    if mention.currency == "KRW":
        if _PROSE_WON.fullmatch(gap):
            return True
    elif previous.currency == "KRW" and (_PROSE_FOREIGN.fullmatch(gap) or _EQUAL_TO.fullmatch(gap)):
        return True
    return _EQUAL.fullmatch(gap) is not None
