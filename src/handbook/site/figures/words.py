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
    floor_title: str
    floor_describe: str
    floor_curve: str
    floor_names: str
    floor_step: str
    floor_loss: str
    floor_line: str
    unmasked_title: str
    unmasked_describe: str
    unmasked_position: str
    unmasked_layers: str
    kept_title: str
    kept_describe: str
    kept_without: str
    kept_with: str
    kept_total: str
    kept_row: str
    kept_none: str
    kept_new: str
    kept_old: str
    growth_title: str
    growth_describe: str
    growth_full: str
    growth_ring: str
    growth_step: str
    padded_title: str
    padded_describe: str
    padded_name: str
    padded_text: str
    padded_row: str
    padded_right: str
    padded_left: str
    padded_card: str
    padded_strip: str
    padded_empty: str
    windows_title: str
    windows_describe: str
    windows_keys: str
    windows_before: str
    windows_sink: str
    windows_row: str
    reach_title: str
    reach_describe: str
    reach_layer: str
    reach_layers: str
    reach_row: str
    reach_inputs: str
    fills_title: str
    fills_describe: str
    fills_row: str
    fill_in_place: str
    fill_added: str
    fill_stacked: str
    pulls_title: str
    tapped: str
    pulled: str
    leaks_found: str
    cut: str
    whispered: str
    routed: str
    rules_title: str
    rules_describe: str
    rules_row: str
    rules_packed: str
    rules_prefix: str
    rules_tree: str
    customs_title: str
    customs_describe: str
    customs_read: str
    customs_blocked: str
    customs_lower_right: str
    customs_upper_left: str
    blocks_title: str
    blocks_describe: str
    blocks_count: str
    blocks_row: str
    blocks_open: str
    blocks_masked: str
    blocks_skipped: str
    online_title: str
    online_describe: str
    online_block: str
    online_together: str
    online_maximum: str
    online_total: str
    online_values: str
    online_factor: str
    online_output: str
    filters_title: str
    filters_describe: str
    filters_temperature: str
    filters_top_k: str
    filters_top_p: str
    dial_title: str
    dial_describe: str
    dial_panel: str
    dial_query: str
    dial_key: str
    dial_wrong: str
    dial_question: str
    dial_note: str
    stairs_title: str
    stairs_describe: str
    stairs_row: str
    stairs_without: str
    stairs_with: str
    stairs_total: str
    stairs_scored: str
    stairs_before: str
    roof_title: str
    roof_describe: str
    roof_point: str
    roof_rate: str
    roof_tokens: str
    roof_memory: str
    roof_compute: str
    roof_one: str
    roof_many: str
    roof_prompt: str


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
    floor_title="Training on random tokens: an honest model stays at ln V, one that sees its answers goes below",
    floor_describe="Loss against steps of training, up to {steps}. The floor, ln V, lies at {floor}.",
    floor_curve="{name}: {first} at first, {middle} from step {at} on, {last} at the end.",
    floor_names="mask first; zero after the softmax; multiplied by zero; zeros and ones added; no mask; "
    "diagonal off by one; labels not shifted; each sees only itself",
    floor_step="step",
    floor_loss="loss, in nats",
    floor_line="dashed: ln V",
    unmasked_title="How far each position moves without the mask",
    unmasked_describe="Each number is the mean difference of one position from the masked computation.",
    unmasked_position="position",
    unmasked_layers="after layer {count}",
    kept_title="Keys and values: computed again, or kept",
    kept_describe="Rows are steps, columns are tokens.",
    kept_without="Without a cache",
    kept_with="With a cache",
    kept_total="computed: {count}",
    kept_row="{title}, step {i}: computed {new}; kept {kept}.",
    kept_none="none",
    kept_new="computed now",
    kept_old="kept",
    growth_title="Bytes of a cache, step by step",
    growth_describe="Bytes after each step, one token a step, in one layer.",
    growth_full="Everything is kept",
    growth_ring="A ring of {slots} slots",
    growth_step="step",
    padded_title="Masks of two texts in one batch, padded on the right and on the left",
    padded_describe="Rows are readers, columns are keys; a dash is a blank.",
    padded_name="text {i}",
    padded_text="Text {i}, {side}",
    padded_row="{title}: row {i} reads {keys}.",
    padded_right="blanks on the right",
    padded_left="blanks on the left",
    padded_card="hidden by the card",
    padded_strip="hidden by the strip",
    padded_empty="a row that reads nothing",
    windows_title="The causal mask, a window read in two ways, and a window with a sink",
    windows_describe="Rows are queries, columns are keys.",
    windows_keys="{count} keys",
    windows_before="{count} before + own",
    windows_sink="{count} and a sink",
    windows_row="{title}: query {i} reads keys {keys}.",
    reach_title="The inputs that move the last output, through more and more layers",
    reach_describe="Output {last}, every layer with a window of {width} keys.",
    reach_layer="{count} layer",
    reach_layers="{count} layers",
    reach_row="{layers}: {count} inputs, {inputs}.",
    reach_inputs="inputs",
    fills_title="A row with every key blocked, hidden in four ways",
    fills_describe="None of its keys may be read.",
    fills_row="{way}: weights {values}.",
    fill_in_place="{fill} in place",
    fill_added="{fill} added",
    fill_stacked="two masks of the lowest, added",
    pulls_title="Three leaks, asked for by tapping and by pulling: each way misses some",
    tapped="by tapping",
    pulled="by pulling",
    leaks_found="{leaks} leaks",
    cut="a cut thread",
    whispered="a whisper",
    routed="experts choose their tokens",
    rules_title="Three pages as a model under a plain triangle reads them",
    rules_describe="Each page has a rule of its own; the model was given the triangle instead.",
    rules_row="{title}: query {i} may read {open}, and reads {read}.",
    rules_packed="two letters",
    rules_prefix="open prefix",
    rules_tree="a fork",
    customs_title="One mask under four customs",
    customs_describe="What was meant is a causal mask; what is read depends on the custom.",
    customs_read="true = may read",
    customs_blocked="true = blocked",
    customs_lower_right="lower right corner",
    customs_upper_left="upper left corner",
    blocks_title="Attention in blocks: those above the diagonal are skipped",
    blocks_describe="Rows are queries, columns are keys.",
    blocks_count="{computed} of {all} blocks",
    blocks_row="Row {i} of blocks: computed {computed}.",
    blocks_open="computed, and read",
    blocks_masked="computed, then masked",
    blocks_skipped="skipped, never computed",
    online_title="One row of scores in two blocks, and what is kept of each",
    online_describe="Scores {scores}; values {values}.",
    online_block="block {n}",
    online_together="together",
    online_maximum="largest score",
    online_total="sum of exponentials",
    online_values="values, weighted and added up",
    online_factor="scaled down by",
    online_output="divided",
    filters_title="What temperature, top-k and top-p make of one row of logits",
    filters_describe="Logits {logits}.",
    filters_temperature="temperature {value}",
    filters_top_k="top-k, k = {value}",
    filters_top_p="top-p, p = {value}",
    dial_title="Query and key as hands on a dial, at three places",
    dial_describe="Each hand points to the right at position zero and turns one radian a position.",
    dial_panel="Query at {query}, key at {key}: score {score}.",
    dial_query="query at {at}",
    dial_key="key at {at}",
    dial_wrong="should be at {at}",
    dial_question="query",
    dial_note="key",
    stairs_title="What each pass scores, without a cache and with one",
    stairs_describe="A prompt of {prompt} tokens, then {new} new ones; one triangle a pass, rows are queries.",
    stairs_row="{title}: passes of {counts} pairs; {total}.",
    stairs_without="without a cache",
    stairs_with="with a cache",
    stairs_total="{count} pairs",
    stairs_scored="scored now",
    stairs_before="not scored again",
    roof_title="The roofline: what a pass can reach, by the tokens that share it",
    roof_describe="Both axes are logarithmic. Up to {ridge} tokens memory is the limit, from there on arithmetic.",
    roof_point="{label}, {tokens} in the pass: {share} of the peak.",
    roof_rate="trillion operations a second",
    roof_tokens="tokens in one pass",
    roof_memory="memory",
    roof_compute="arithmetic",
    roof_one="one token",
    roof_many="many texts",
    roof_prompt="a prompt",
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
    floor_title="Entrenar con tokens al azar: un modelo honesto se queda en ln V, uno que ve las respuestas baja",
    floor_describe="Pérdida según los pasos de entrenamiento, hasta {steps}. El suelo, ln V, está en {floor}.",
    floor_curve="{name}: {first} al principio, {middle} desde el paso {at}, {last} al final.",
    floor_names="la máscara primero; cero después de la softmax; multiplicar por cero; sumar ceros y unos; "
    "sin máscara; la diagonal corrida en uno; etiquetas sin desplazar; cada uno se ve solo a sí mismo",
    floor_step="paso",
    floor_loss="pérdida, en nats",
    floor_line="a trazos: ln V",
    unmasked_title="Cuánto se mueve cada posición sin la máscara",
    unmasked_describe="Cada número es la diferencia media de una posición con respecto al cálculo con máscara.",
    unmasked_position="posición",
    unmasked_layers="tras la capa {count}",
    kept_title="Claves y valores: calculados otra vez, o guardados",
    kept_describe="Las filas son pasos y las columnas son tokens.",
    kept_without="Sin caché",
    kept_with="Con caché",
    kept_total="calculados: {count}",
    kept_row="{title}, paso {i}: calculados {new}; guardados {kept}.",
    kept_none="ninguno",
    kept_new="calculado ahora",
    kept_old="guardado",
    growth_title="Bytes de una caché, paso a paso",
    growth_describe="Bytes después de cada paso, un token por paso, en una capa.",
    growth_full="Se guarda todo",
    growth_ring="Un anillo de {slots} ranuras",
    growth_step="paso",
    padded_title="Máscaras de dos textos de un lote, con el relleno a la derecha y a la izquierda",
    padded_describe="Las filas son lectores y las columnas son claves; una raya es un blanco.",
    padded_name="texto {i}",
    padded_text="Texto {i}, {side}",
    padded_row="{title}: la fila {i} lee {keys}.",
    padded_right="blancos a la derecha",
    padded_left="blancos a la izquierda",
    padded_card="oculto por la tarjeta",
    padded_strip="oculto por la tira",
    padded_empty="fila que no lee nada",
    windows_title="La máscara causal, una ventana leída de dos maneras y una ventana con sumidero",
    windows_describe="Las filas son consultas y las columnas son claves.",
    windows_keys="{count} claves",
    windows_before="{count} previas + propia",
    windows_sink="{count} y un sumidero",
    windows_row="{title}: la consulta {i} lee las claves {keys}.",
    reach_title="Las entradas que cambian la última salida, a través de más y más capas",
    reach_describe="Salida {last}; cada capa, con una ventana de {width} claves.",
    reach_layer="{count} capa",
    reach_layers="{count} capas",
    reach_row="{layers}: {count} entradas, {inputs}.",
    reach_inputs="entradas",
    fills_title="Una fila con todas las claves bloqueadas, tapada de cuatro maneras",
    fills_describe="Ninguna de sus claves se puede leer.",
    fills_row="{way}: pesos {values}.",
    fill_in_place="{fill} en su lugar",
    fill_added="{fill} sumado",
    fill_stacked="dos máscaras del menor, sumadas",
    pulls_title="Tres filtraciones, buscadas con toques y con tirones: a cada modo se le escapa alguna",
    tapped="con toques",
    pulled="con tirones",
    leaks_found="{leaks} filtraciones",
    cut="un hilo cortado",
    whispered="un susurro",
    routed="los expertos eligen sus tokens",
    rules_title="Tres páginas tal como las lee un modelo con un triángulo corriente",
    rules_describe="Cada página tiene su propia regla; al modelo se le dio el triángulo.",
    rules_row="{title}: la consulta {i} puede leer {open}, y lee {read}.",
    rules_packed="dos cartas",
    rules_prefix="prefijo abierto",
    rules_tree="bifurcación",
    customs_title="Una máscara bajo cuatro costumbres",
    customs_describe="Lo querido es una máscara causal; lo que se lee depende de la costumbre.",
    customs_read="verdadero = se lee",
    customs_blocked="verdadero = tapado",
    customs_lower_right="esquina inferior",
    customs_upper_left="esquina superior",
    blocks_title="La atención por bloques: los que quedan por encima de la diagonal se saltan",
    blocks_describe="Las filas son consultas y las columnas son claves.",
    blocks_count="{computed} de {all} bloques",
    blocks_row="Fila {i} de bloques: calculados {computed}.",
    blocks_open="calculado y leído",
    blocks_masked="calculado y bloqueado después",
    blocks_skipped="saltado: no se calcula",
    online_title="Una fila de puntuaciones en dos bloques y lo que se guarda de cada uno",
    online_describe="Puntuaciones {scores}; valores {values}.",
    online_block="bloque {n}",
    online_together="juntos",
    online_maximum="mayor puntuación",
    online_total="suma de exponenciales",
    online_values="valores, ponderados y sumados",
    online_factor="se reduce por",
    online_output="dividido",
    filters_title="Qué hacen la temperatura, top-k y top-p con una fila de logits",
    filters_describe="Logits {logits}.",
    filters_temperature="temperatura {value}",
    filters_top_k="top-k, k = {value}",
    filters_top_p="top-p, p = {value}",
    dial_title="Consulta y clave como agujas de una esfera, en tres lugares",
    dial_describe="Cada aguja apunta a la derecha en la posición cero y gira un radián por posición.",
    dial_panel="Consulta en {query}, clave en {key}: puntuación {score}.",
    dial_query="consulta en {at}",
    dial_key="clave en {at}",
    dial_wrong="debe estar en {at}",
    dial_question="consulta",
    dial_note="clave",
    stairs_title="Qué puntúa cada pasada, sin caché y con ella",
    stairs_describe="Un prompt de {prompt} tokens y {new} nuevos; un triángulo por pasada, las filas son consultas.",
    stairs_row="{title}: pasadas de {counts} pares; {total}.",
    stairs_without="sin caché",
    stairs_with="con caché",
    stairs_total="{count} pares",
    stairs_scored="se puntúa ahora",
    stairs_before="no se repite",
    roof_title="El techo: lo que alcanza una pasada, según los tokens que la comparten",
    roof_describe="Ejes logarítmicos. Hasta {ridge} tokens limita la memoria; a partir de ahí, la aritmética.",
    roof_point="{label}, {tokens} en la pasada: {share} del máximo.",
    roof_rate="billones de operaciones por segundo",
    roof_tokens="tokens en una pasada",
    roof_memory="memoria",
    roof_compute="aritmética",
    roof_one="un token",
    roof_many="muchos textos",
    roof_prompt="un prompt",
)

FIGURE_WORDS = {"en": _EN, "es": _ES}


def figure_words(language: str) -> FigureWords:
    """The words of `language`."""
    return FIGURE_WORDS[language]
