"""Real models, tiny and random, without a wrapper: no false alarm, and what they do differently said as what it is."""

from __future__ import annotations

import pytest

from causality import CannotAskError, Report, Verdict, ask

torch = pytest.importorskip("torch")


def transformers_model(name: str) -> Report:
    pytest.importorskip("transformers")
    from causality.hugging_face import named

    return ask(named(name), lengths=(67,))


@pytest.mark.parametrize(
    "name",
    [
        *("GPT2LMHeadModel", "LlamaForCausalLM", "MistralForCausalLM", "Gemma2ForCausalLM", "Gemma3ForCausalLM"),
        *("MixtralForCausalLM", "BloomForCausalLM", "T5ForConditionalGeneration", "BertModel"),
    ],
)
def test_nothing_is_wrong_with_a_model_that_is_right(name: str) -> None:
    report = transformers_model(name)
    assert report.wrong == [], str(report)


@pytest.mark.parametrize(
    "name",
    [
        *("Zamba2ForCausalLM", "Mamba2ForCausalLM", "JambaForCausalLM", "Qwen3MoeForCausalLM", "FalconForCausalLM"),
        *("OPTForCausalLM", "GPTJForCausalLM", "DeepseekV3ForCausalLM"),
        *("GptOssForCausalLM", "Cohere2ForCausalLM", "Llama4ForCausalLM", "DogeForCausalLM", "MarianMTModel"),
    ],
)
def test_configurations_that_check_themselves_are_made_tiny_and_are_right(name: str) -> None:
    pytest.importorskip("transformers")
    from causality.hugging_face import named

    report = ask(named(name), only=["influence", "prefixes", "batch"], lengths=(33,))
    assert report.wrong == [], str(report)


def test_gpt2_needs_positions_for_left_pads() -> None:
    answer = transformers_model("GPT2LMHeadModel").answer("padding left")
    assert answer.verdict is Verdict.NOTED
    assert answer.size > 0.1
    assert "position_ids" in answer.found[0]


def test_mistral_is_asked_for_its_window_through_layers() -> None:
    assert "expected: window:6,layers:2" in transformers_model("MistralForCausalLM").answer("influence").asked


def test_bert_reads_everything() -> None:
    assert transformers_model("BertModel").answer("influence").found == ("every output sees every token",)


def test_mambas_second_cached_chunk_is_off_and_its_steps_are_not() -> None:
    answer = transformers_model("MambaForCausalLM").answer("cache")
    assert answer.verdict is Verdict.WRONG
    assert 1e-4 < answer.size < 1e-2
    assert not any(sentence.startswith("token by token") for sentence in answer.found)


def test_a_dynamic_base_depends_on_the_length() -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=64,
        vocab_size=99, head_dim=8, max_position_embeddings=32,
        rope_parameters={"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0},
    )  # fmt: skip
    report = ask(config, only=["prefixes", "influence"], lengths=())
    assert report.diagnosis is not None, str(report)
    assert report.diagnosis.id in ("length-dependent-base", "state-between-calls")


@pytest.mark.parametrize("rotary", [False, True])
def test_x_transformers_is_asked_as_it_is(rotary: bool) -> None:
    x_transformers = pytest.importorskip("x_transformers")
    layers = x_transformers.Decoder(dim=32, depth=2, heads=4, rotary_pos_emb=rotary)
    report = ask(x_transformers.TransformerWrapper(num_tokens=64, max_seq_len=64, attn_layers=layers), lengths=(33,))
    assert report.wrong == [], str(report)


def test_the_cache_of_x_transformers_is_asked_and_rolled_back() -> None:
    x_transformers = pytest.importorskip("x_transformers")
    layers = x_transformers.Decoder(dim=32, depth=2, heads=4, rotary_pos_emb=True)
    wrapper = x_transformers.TransformerWrapper(num_tokens=64, max_seq_len=64, attn_layers=layers)
    for model in (wrapper, layers):
        report = ask(model, only=["cache", "rollback"], width=None if model is wrapper else 32)
        assert [answer.verdict for answer in report.answers] == [Verdict.RIGHT] * 2, str(report)


def test_a_cache_of_x_transformers_that_is_wrong_is_said_to_be() -> None:
    x_transformers = pytest.importorskip("x_transformers")
    layers = x_transformers.Decoder(dim=32, depth=2, heads=4)  # learned positions, from zero at each step:
    wrapper = x_transformers.TransformerWrapper(num_tokens=64, max_seq_len=64, attn_layers=layers)
    wrapper.pos_emb.register_forward_pre_hook(
        lambda module, given, named: (given, named | {"offset": 0}), with_kwargs=True
    )
    report = ask(wrapper, only=["cache"])
    assert report.diagnosis is not None, str(report)
    assert report.diagnosis.id == "positions-reset"


def test_a_model_that_keeps_its_state_inside_has_a_derivative() -> None:
    pytest.importorskip("transformers")
    from causality.hugging_face import named

    report = ask(named("RecurrentGemmaForCausalLM"), only=["influence", "derivative"], lengths=())
    assert report.answer("derivative").verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("WhisperForConditionalGeneration", r"reads input_features, which are no tokens; .*decoder_input_ids=ids\)"),
        ("ViTModel", "reads pixel_values, which are no tokens; pass a function of vectors"),
        ("Dots1ForCausalLM", "could not be made: .*; pass a small configuration of your own"),
    ],
)
def test_what_a_model_reads_beside_tokens_is_one_line(name: str, line: str) -> None:
    pytest.importorskip("transformers")
    from causality.hugging_face import named

    with pytest.raises(CannotAskError, match=line):
        ask(named(name), only=["influence"], lengths=())


@pytest.mark.parametrize("name", ["T5ForConditionalGeneration", "BartForConditionalGeneration"])
def test_the_cache_of_an_encoder_and_decoder_is_asked(name: str) -> None:
    pytest.importorskip("transformers")
    from causality.hugging_face import named

    report = ask(named(name), only=["cache", "rollback", "slots"])
    assert [answer.verdict for answer in report.answers] == [Verdict.RIGHT] * 3, str(report)


def test_a_class_that_may_be_an_encoder_is_made_to_generate_by_its_name() -> None:
    pytest.importorskip("transformers")
    from causality.hugging_face import named

    model = named("RemBertForCausalLM")
    report = ask(model, only=["influence"], lengths=())
    assert report.wrong == [], str(report)
    encoder = type(model)(type(model.config)(**model.config.to_dict() | {"is_decoder": False})).eval()
    report = ask(encoder, only=["influence"], lengths=())
    assert report.wrong
    assert any("is_decoder=False" in note for note in report.notes)


@pytest.mark.parametrize("batch_first", [True, False])
def test_the_encoder_of_torch_reads_everything(batch_first: bool) -> None:
    layer = torch.nn.TransformerEncoderLayer(16, 2, 32, batch_first=batch_first)
    report = ask(torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=batch_first), "full", lengths=(33,))
    assert report.wrong == [], str(report)
    assert report.answer("influence").verdict is Verdict.RIGHT


class GPT(torch.nn.Module):
    """The interface of nanoGPT, or of minGPT: `(logits, loss)`, of the last row alone without targets."""

    def __init__(self, *, last_row: bool, block_size: int = 24) -> None:
        super().__init__()
        self.last_row, self.block_size = last_row, block_size
        self.wte, self.wpe = torch.nn.Embedding(65, 16), torch.nn.Embedding(block_size, 16)
        self.mix, self.drop, self.lm_head = torch.nn.Linear(16, 48), torch.nn.Dropout(0.1), torch.nn.Linear(16, 65)

    def forward(self, idx, targets=None):
        _, t = idx.size()
        assert t <= self.block_size, f"cannot forward sequence of length {t}, block size is only {self.block_size}"
        x = self.drop(self.wte(idx) + self.wpe(torch.arange(t)))
        x = x + torch.nn.functional.scaled_dot_product_attention(*self.mix(x).split(16, -1), is_causal=True)
        if targets is None and self.last_row:
            return self.lm_head(x[:, [-1]]), None
        logits = self.lm_head(x)
        loss = None if targets is None else torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss


@pytest.mark.parametrize("last_row", [True, False])
def test_the_interfaces_of_nanogpt_and_mingpt_are_understood(last_row: bool) -> None:
    report = ask(GPT(last_row=last_row))
    assert report.wrong == [], str(report)
    assert any("given targets" in note for note in report.notes) is last_row
    assert "block size is only 24" in report.answer("influence").found[-1]
    labels = report.answer("labels")
    assert labels.verdict is Verdict.NOTED
    assert "it does not shift" in labels.found[0]
