"""The words on the figures, and the sentences that describe them, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FigureWords:
    """The words of one language. Those with a gap are `str.format` templates."""

    card_title: str
    card_describe: str
    card_step: str
    sees: str
    guesses: str
    step: str
    query: str
    key: str
    may_read: str
    blocked: str
    mask_title: str
    mask_describe: str
    mask_row: str
    labels_title: str
    labels_describe: str
    labels_pair: str
    inputs: str
    targets: str
    nothing: str
    weights_title: str
    weights_describe: str
    row_weights: str
    scores: str
    softmax_rows: str
    weights: str
    steps_title: str
    masked: str
    shifted: str
    exponentiated: str
    divided: str
    sum: str
    ways_title: str
    ways_describe: str
    way_weights: str
    mask_before: str
    zero_after: str
    scaled_up: str
    multiply: str
    score_row: str
    roles_title: str
    roles_describe: str
    roles_line: str
    roles_output: str
    question: str
    keys: str
    titles: str
    score: str
    weight: str
    values: str
    contents: str
    copied: str
    saturation_title: str
    saturation_describe: str
    saturation_width: str
    not_divided: str
    divided_by_root: str
    order_title: str
    order_describe: str
    order_row: str
    in_memory: str
    split_title: str
    split_describe: str
    split_whole: str
    split_right: str
    split_wrong: str
    split_rows: str
    head: str
    token: str
    row: str
    leaks_title: str
    leaks_split: str
    leaks_both: str
    leaks_count: str
    leaks_row: str
    output: str
    reads: str
    leak: str
    unread: str
    stream_title: str
    stream_describe: str
    tokens: str
    block: str
    inside_heads: str
    inside_mlp: str
    added: str
    tied: str
    columns_title: str
    columns_describe: str
    columns_causal: str
    columns_itself: str
    columns_window: str
    columns_open: str
    columns_tested: str


_EN = FigureWords(
    card_title="A card slides down a page of {count} tokens, one token at a time",
    card_step="Step {step}: {seen} above the edge, {hidden} under the card.",
    card_describe="The reader guesses the token just under the edge.",
    sees="sees {tokens}",
    guesses="guesses {token}",
    step="step {step}",
    query="query {i}",
    key="key {j}",
    may_read="may read",
    blocked="blocked",
    mask_title="The causal mask of {count} tokens is a lower triangle",
    mask_describe="Rows are queries, columns are keys.",
    mask_row="Query {i} may read {open}; blocked: {closed}.",
    labels_title="Labels are the tokens, moved by one",
    labels_describe="Each position predicts the token that follows it.",
    labels_pair="Position {i} reads {token} and predicts {target}.",
    inputs="inputs",
    targets="targets",
    nothing="nothing",
    weights_title="Masked scores become attention weights, row by row",
    weights_describe="The area of each square is its weight.",
    row_weights="Query {i}: scores {scores}; weights {weights}.",
    scores="scores",
    softmax_rows="softmax along each row",
    weights="weights",
    steps_title="One row of scores becomes weights, step by step",
    masked="blocked",
    shifted="largest taken away",
    exponentiated="exponentiated",
    divided="divided by the sum",
    sum="sum {value}",
    ways_title="The weights of a row: the mask before the softmax, and three wrong ways",
    ways_describe="Key {key} is blocked.",
    way_weights="{way}: {scores}; weights {values}; sum {sum}.",
    mask_before="-inf before the softmax",
    zero_after="zero after the softmax",
    scaled_up="zero after, scaled up (float16)",
    multiply="times zero before the softmax",
    score_row="scores {scores}",
    roles_title="Query {i} asks, the keys in sight are compared, their values are copied",
    roles_describe="Query {i} is {query}.",
    roles_line="Key {j} is {key}: score {score}, weight {weight}; its value is {value}.",
    roles_output="The output is {output}.",
    question="query {i}: the question",
    keys="keys",
    titles="titles",
    score="score",
    weight="weight",
    values="values",
    contents="contents",
    copied="output: what was copied",
    saturation_title="Undivided scores leave nearly all the weight to one key as the width grows",
    saturation_describe="Mean weights of {count} keys, from the largest to the smallest.",
    saturation_width="Width {d}: not divided {raw}; divided by its root {scaled}.",
    not_divided="not divided",
    divided_by_root="divided by √d_head",
    order_title="A reshape cuts the same sequence elsewhere; a transpose reads it in leaps",
    order_describe="Numbers in memory: {memory}.",
    order_row="{code} of shape {shape} reads {rows}.",
    in_memory="in memory",
    split_title="Features split into heads, with and without the transpose",
    split_describe="Tens say the token, ones the feature; the features of head 1 are hatched.",
    split_whole="x [T, d_model]",
    split_right="reshape, then transpose",
    split_wrong="reshape alone",
    split_rows="{title}, {head}: {rows}.",
    head="head {h}",
    token="token {i}",
    row="row {i}",
    leaks_title="What reaches what, when the heads are cut without a transpose",
    leaks_split="transposed only in the merge",
    leaks_both="never transposed",
    leaks_count="{leaks} leaks, {missing} cells unread",
    leaks_row="{title}: output {i} is moved by inputs {inputs}.",
    output="output {i}",
    reads="reads",
    leak="leak",
    unread="unread",
    stream_title="From tokens to logits: the stream, and what is added to it",
    stream_describe="Each part with the shape of what it gives or, inside attention and MLP, works on.",
    tokens="tokens",
    block="block, {count} times",
    inside_heads="heads",
    inside_mlp="inside",
    added="The result is added to the stream.",
    tied="head: embed, transposed",
    columns_title="Four models whose influence matrices agree in the last column",
    columns_describe="Rows are outputs, columns are inputs.",
    columns_causal="causal mask",
    columns_itself="itself alone",
    columns_window="window of {width}",
    columns_open="open start",
    columns_tested="what the test of the last token sees",
)

_ES = FigureWords(
    card_title="Una tarjeta baja por una página de {count} tokens, un token cada vez",
    card_step="Paso {step}: {seen} por encima del borde, {hidden} bajo la tarjeta.",
    card_describe="Quien lee adivina el token que está justo bajo el borde.",
    sees="ve {tokens}",
    guesses="adivina {token}",
    step="paso {step}",
    query="consulta {i}",
    key="clave {j}",
    may_read="puede leer",
    blocked="bloqueada",
    mask_title="La máscara causal de {count} tokens es un triángulo inferior",
    mask_describe="Las filas son consultas y las columnas son claves.",
    mask_row="La consulta {i} puede leer {open}; bloqueadas: {closed}.",
    labels_title="Las etiquetas son los tokens, corridos un lugar",
    labels_describe="Cada posición predice el token que le sigue.",
    labels_pair="La posición {i} lee {token} y predice {target}.",
    inputs="entradas",
    targets="objetivos",
    nothing="nada",
    weights_title="Las puntuaciones enmascaradas se vuelven pesos de atención, fila por fila",
    weights_describe="El área de cada cuadrado es su peso.",
    row_weights="Consulta {i}: puntuaciones {scores}; pesos {weights}.",
    scores="puntuaciones",
    softmax_rows="softmax a lo largo de cada fila",
    weights="pesos",
    steps_title="Una fila de puntuaciones se vuelve pesos, paso a paso",
    masked="bloqueada",
    shifted="menos la mayor",
    exponentiated="exponencial",
    divided="dividida por la suma",
    sum="suma {value}",
    ways_title="Los pesos de una fila: la máscara antes de la softmax y tres maneras equivocadas",
    ways_describe="La clave {key} está bloqueada.",
    way_weights="{way}: {scores}; pesos {values}; suma {sum}.",
    mask_before="-inf antes de la softmax",
    zero_after="cero después de la softmax",
    scaled_up="cero después, reescalado (float16)",
    multiply="por cero antes de la softmax",
    score_row="puntuaciones {scores}",
    roles_title="La consulta {i} pregunta, se comparan las claves a la vista y se copian sus valores",
    roles_describe="La consulta {i} es {query}.",
    roles_line="La clave {j} es {key}: puntuación {score}, peso {weight}; su valor es {value}.",
    roles_output="La salida es {output}.",
    question="consulta {i}: la pregunta",
    keys="claves",
    titles="rótulos",
    score="puntuación",
    weight="peso",
    values="valores",
    contents="contenidos",
    copied="salida: lo copiado",
    saturation_title="Sin dividir, al crecer el ancho casi todo el peso se va a una sola clave",
    saturation_describe="Pesos medios de {count} claves, del mayor al menor.",
    saturation_width="Ancho {d}: sin dividir {raw}; divididas entre su raíz {scaled}.",
    not_divided="sin dividir",
    divided_by_root="entre √d_head",
    order_title="Un reshape corta la misma secuencia por otro sitio; un transpose la lee a saltos",
    order_describe="Números en la memoria: {memory}.",
    order_row="{code}, de forma {shape}, lee {rows}.",
    in_memory="en la memoria",
    split_title="Los rasgos repartidos en cabezas, con transposición y sin ella",
    split_describe="Las decenas dicen el token y las unidades el rasgo; los rasgos de la cabeza 1 van rayados.",
    split_whole="x [T, d_model]",
    split_right="reshape y luego transponer",
    split_wrong="solo reshape",
    split_rows="{title}, {head}: {rows}.",
    head="cabeza {h}",
    token="token {i}",
    row="fila {i}",
    leaks_title="Qué llega a dónde cuando las cabezas se cortan sin transponer",
    leaks_split="se transpone solo al unir",
    leaks_both="no se transpone nunca",
    leaks_count="{leaks} filtraciones, {missing} celdas sin leer",
    leaks_row="{title}: la salida {i} cambia con las entradas {inputs}.",
    output="salida {i}",
    reads="lee",
    leak="filtración",
    unread="sin leer",
    stream_title="De los tokens a los logits: el flujo y lo que se le suma",
    stream_describe="Cada parte, con la forma de lo que da o, dentro de la atención y del MLP, de lo que maneja.",
    tokens="tokens",
    block="bloque, {count} veces",
    inside_heads="cabezas",
    inside_mlp="dentro",
    added="El resultado se suma al flujo.",
    tied="salida: embed, transpuesto",
    columns_title="Cuatro modelos cuyas matrices de influencia coinciden en la última columna",
    columns_describe="Las filas son salidas y las columnas son entradas.",
    columns_causal="máscara causal",
    columns_itself="solo a sí mismo",
    columns_window="ventana de {width}",
    columns_open="principio abierto",
    columns_tested="lo que ve la prueba del último token",
)

FIGURE_WORDS = {"en": _EN, "es": _ES}


def figure_words(language: str) -> FigureWords:
    """The words of `language`."""
    return FIGURE_WORDS[language]
