"""The frozen numbers of the matching engine, each with how it was chosen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Config:
    """Every constant that moves a score; one configuration serves every language and kind of supply.

    Words. A record is three fields of units (character bigrams, Latin stems, numbers). Two measures are added:

    * cosine of `idf ** cosine_idf_power`-weighted vectors, the record's counts summed over fields by `cosine_*` and
      bent by `(s + 1) * x / (s + x)` with s = `cosine_saturation`;
    * `bm25_share` times BM25F over the same fields, divided by the score of a record that would hold every unit of
      the need without limit: an absolute scale, so a score means the same for every need.

    The sum is divided by `1 + bm25_share` and so lies between 0 and 1. A need keeps its term frequency, as
    `1 + log(count)` for the cosine and `sqrt(count)` for BM25F, because long needs repeat what matters. Rarity is
    `log(1 + (N - n + 0.5) / (n + 0.5))`, for English function words `function_word_share` of it.

    Chosen on the dev halves of three truth sets (nDCG@10 as `evaluate.py` prints it: Chinese needs to papers, English
    topics to awards, Cranfield), each number alone around the published values, then a few together. The maximum is
    flat: most single steps move a set by less than 0.003, which is noise. What mattered: rarity by this formula
    rather than log(1 + N / n), topics .693 to .711; a need's title counted three times, topics +.010; BM25F added at
    all, needs +.005; function words at a tenth, topics and Cranfield +.005. Refused: pivoted length normalisation
    (topics down to .507), Chinese trigrams (needs -.004 to -.02), less weight for Chinese pairs with function
    characters (needs -.002 to -.005) or across word borders (needs -.007). Word pairs, rescoring the candidates,
    brought topics -.01 to +.015 and papers to papers -.001 to -.007 and are left out.

    Length. For a need of more units than `long_need` begins with, the score of a record is divided by its length over
    the mean one to the power `length_power`, from 1/4 to 4 times the mean and for a need in between in part: the more
    a need says, the more of it a long record meets by chance. Topics rise from .724 to .761 (p .002), papers to papers
    from .379 to .381, needs, most of which are shorter, stay (-.0004, p .5), instruments .001 up; .1 and .2 are alike
    (.749, .755). For shorter needs it takes: questions .413 to .407, needs .699 to .695.

    Short needs. Chinese is read in pairs, so a character that a need writes by itself (锗, 茶) would meet no record but
    one that does so too. In a need of at most `short_need` units each such character that names something stands for
    the `short_pairs` pairs holding it that most records have, which together weigh as much as it alone would. No need
    of any truth set is so short and has one, so none moves; the shortest with one have 9 to 16 units.

    Latent meaning. English needs of few words, for English records (`latent`): worth `latent_share` times the cosine
    above `latent_floor` in a space learnt from the corpus, for a need of more than `latent_words / latent_share` words
    as much less as it is longer, and at most `latent_times` the word score, so that what shares next to nothing stays
    next to nothing. Chosen on Cranfield and on six shortened forms of the English topics (their names alone, with 10
    to 80 words of text): Cranfield .413 to .46, names of topics .546 to .57, with 10 words .571 to .58, 20 .603 to .61,
    40 .627 to .64, 80 .666 to .67; whole topics, of 200 words, lose by any share above .05. A share of .4 or
    .6, a floor from 0 to .3, 100 to 200 dimensions, and from 4,000 to 20,000 records move these by about .01.
    Chinese needs of any length lose by it or stay (needs .683 to .677 with a share of .06) and have none of it.

    Meaning. A record in the other language than the need is worth `meaning_share` more in proportion to the cosine of
    their directions above `meaning_floor`. On the dev half of English needs for Chinese papers, with those papers left
    out of training, words alone reach nDCG@10 .372, meaning alone .81, both .86 with a share from .2 to .4 and a floor
    from 0 to .3, which is flat; the floor keeps far records of the other language from crowding a list in one's own: 99
    of 100 with nothing in common have a cosine below .39, 95 below .21. A table knows fields that its texts were
    of, and to it whatever else is told of metals lies near to whatever else is told of metals. So the share falls with
    the words of the need that the table knows, from `known_whole` of them, which 95 of 100 needs of that truth set
    reach, to nothing at `known_least`. In the demo city, whose fields the shipped table hardly knows, 156 suggestions
    across languages became 3, by reading all of them right, where most had been wrong; the truth set did not move.

    A Chinese record of at most `thin_units` that shares a word with a need in Chinese is worth `thin_share` times the
    cosine, trusted in the same way: on the dev halves papers to instruments rise from .086 to .109, a sample of experts
    by their projects' titles from .195 to .203, much the same for shares from .05 to .2. English questions lost by it
    (.413 to .404), so no English record has it.

    Facts. A fact that both sides state multiplies into the word score: its part is `weight * word score`. Scaling by
    the words keeps facts from lifting a record that shares hardly a word with the need, and from being decisive in
    a short need yet invisible in a long one. All agreements together add at most 0.34 of the word score.
    A miss weighs at least as much as an agreement: an asked maturity or a budget is a condition rather than a taste.
    Of rights one thing that is open weighs less than another mode, because a consent or the release of a pledge can be
    had; two weigh more. No truth set with facts exists, so these are judgement, to be learned when outcomes are there.

    Pruning. Looking up half as many places as there are records and scoring 300 records exactly finds, of the first ten
    that looking up everything finds, 99.9 of 100 in the truth sets (SBIR topics 99.1), and all in a made corpus of a
    million; a quarter as many places 99.6 and 97.9, twice as many gains nothing that could be told. A question of 15
    units lost 6 of 100 by it, none with four times as many places; hence `pruned_units`.
    """

    title_weight: float = 3.0
    keyword_weight: float = 2.0
    text_weight: float = 1.0
    query_title_weight: float = 3.0
    cosine_saturation: float = 8.0
    cosine_idf_power: float = 1.0
    bm25_share: float = 1.5
    bm25_k1: float = 3.0
    bm25_idf_power: float = 1.5
    bm25_b_title: float = 0.3
    bm25_b_keyword: float = 0.3
    bm25_b_text: float = 0.8
    function_word_share: float = 0.1
    length_power: float = 0.15
    long_need: tuple[int, int] = (128, 256)
    """units of a need from which a record's length counts against it, and from which it does so whole"""

    short_need: int = 8
    """units up to which a single character stands for the pairs that hold it"""
    short_pairs: int = 16

    meaning_share: float = 0.25
    meaning_floor: float = 0.3
    known_least: float = 0.4
    known_whole: float = 0.7
    """share of a need's words that the table has to know for its meaning to count at all, and to count whole"""
    thin_share: float = 0.1
    thin_units: int = 40
    """pairs and words that a thin record has at most"""

    latent_share: float = 0.5
    latent_words: float = 5.0
    """words of a need that have the whole share; of longer needs as much falls on each"""
    latent_floor: float = 0.2
    latent_times: float = 3.0
    """times the word score that is added at most"""
    latent_longest: int = 80
    """words of a need beyond which nothing is added"""
    latent_dimensions: int = 128
    latent_sample: int = 10_000
    """English records from which the directions are learnt at most"""
    latent_least: int = 200
    """English records without which none are"""

    field_match: float = 0.10
    field_miss: float = 0.10
    trl_match: float = 0.05
    trl_miss: float = 0.08
    """per level that is missing"""
    trl_miss_most: float = 0.24
    price_match: float = 0.05
    price_miss: float = 0.08
    """for any price above the budget"""
    price_miss_more: float = 0.16
    """on top, in proportion to the excess, whole from twice the budget on"""
    region_match: float = 0.03
    region_miss: float = 0.03
    mode_match: float = 0.05
    mode_miss: float = 0.08
    deadline_match: float = 0.03
    deadline_miss: float = 0.08
    rights_match: float = 0.03
    rights_miss: float = 0.05
    """for each thing that is still open"""
    rights_miss_most: float = 0.10

    exact_most: int = 50_000
    """records counted up to which every unit of a need is looked up in all of them"""
    pruned_share: float = 0.5
    """of those counted: beyond `exact_most` the units that tell most are looked up, that stand in so many places"""
    pruned_units: int = 64
    """a need of fewer units is looked up in proportionately more places, because each of them tells more"""
    pruned_least: int = 300
    """so many records, the best by these units, are scored exactly, ..."""
    pruned_times: int = 4
    """... or so many times those asked for"""

    shown_words: int = 8
    """shared words named in a reason"""
    live_least: int = 64
    """records added since the last recount that never cause anything"""
    live_share: float = 0.125
    """records added since the last recount, as a share of those counted, that cause the next one"""
    live_most: int = 2000
    """records that are scanned for each question rather than kept by unit; more become a segment"""

    def trust(self, known: float) -> float:
        """How far a need's direction can be trusted, by which share of its words is known: where few are, what is made
        of the rest says nothing of the need, and whatever tells of the same few would be near."""
        return min(max((known - self.known_least) / (self.known_whole - self.known_least), 0.0), 1.0)


FROZEN = Config()
"""The configuration in use."""
OF_QUESTIONS = frozenset(("exact_most", "pruned_share", "pruned_units", "pruned_least", "pruned_times", "shown_words"))
"""What moves answers alone and nothing that is stored: an index made with other values is as good."""
