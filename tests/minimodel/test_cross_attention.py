"""Cross-attention: every position reads the whole memory."""

import numpy as np
import pytest

from minimodel.cross_attention import cross_attend
from minimodel.gpt import attend, draw_weights
from minimodel.influence import perturb

WEIGHTS = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=1).blocks[0]
TEXT, MEMORY = (np.random.default_rng(seed).standard_normal((n, 12)) for seed, n in ((0, 4), (1, 6)))


def test_every_output_sees_every_token_of_the_memory() -> None:
    base = cross_attend(TEXT, MEMORY, WEIGHTS, 3)
    for j in range(6):
        assert (cross_attend(TEXT, perturb(MEMORY, j, 1.0), WEIGHTS, 3) != base).any(axis=1).all()


def test_an_output_sees_of_its_own_text_itself_alone() -> None:
    base = cross_attend(TEXT, MEMORY, WEIGHTS, 3)
    for j in range(4):
        moved = (cross_attend(perturb(TEXT, j, 1.0), MEMORY, WEIGHTS, 3) != base).any(axis=1)
        assert moved.tolist() == [i == j for i in range(4)]


def test_a_text_that_reads_itself_is_attention_without_a_mask() -> None:
    everyone = np.ones((4, 4), dtype=bool)
    assert np.array_equal(cross_attend(TEXT, TEXT, WEIGHTS, 3), attend(TEXT, WEIGHTS, 3, everyone))


def test_texts_of_a_batch_read_memories_of_their_own() -> None:
    texts, memories = np.stack([TEXT, 2 * TEXT]), np.stack([MEMORY, MEMORY[::-1]])
    both = cross_attend(texts, memories, WEIGHTS, 3)
    assert np.allclose(both[1], cross_attend(2 * TEXT, MEMORY[::-1], WEIGHTS, 3))


def test_a_memory_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match=r"matmul|d_model|mismatch"):
        cross_attend(TEXT, MEMORY[:, :8], WEIGHTS, 3)
