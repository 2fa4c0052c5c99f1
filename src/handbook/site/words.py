"""Every word that the site itself puts on a page, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["easy", "medium", "hard"]

LEVEL_SIGNS: dict[Level, str] = {"easy": "🟢", "medium": "🟡", "hard": "🔴"}


@dataclass(frozen=True)
class Words:
    """The words of one language. Sentences with a gap are `str.format` templates."""

    trap: str
    proof: str
    answer: str
    right: str
    wrong: str
    block: str
    easy: str
    medium: str
    hard: str
    minutes: str
    level: str
    reading: str
    needs: str
    any_level: str
    any_topic: str
    search: str
    read: str
    made: str
    book: str
    keep: str

    def level_name(self, level: Level) -> str:
        """The level's name, as readers see it."""
        return {"easy": self.easy, "medium": self.medium, "hard": self.hard}[level]


WORDS: dict[str, Words] = {
    "en": Words(
        trap="Common wrong answer",
        proof="Proof",
        answer="Answer",
        right="{letter} is right",
        wrong="{letter} is wrong",
        block="block {number}",
        easy="Easy",
        medium="Medium",
        hard="Hard",
        minutes="{minutes} min read",
        level="Level",
        reading="Reading time",
        needs="Know first",
        any_level="Any level",
        any_topic="Any topic",
        search="Search the handbook",
        read="read",
        made="Made with",
        book="The handbook as a book:",
        keep="Keep the handbook on this device",
    ),
    "es": Words(
        trap="Respuesta equivocada frecuente",
        proof="Prueba",
        answer="Respuesta",
        right="{letter} es correcta",
        wrong="{letter} es incorrecta",
        block="bloque {number}",
        easy="Fácil",
        medium="Medio",
        hard="Difícil",
        minutes="{minutes} min de lectura",
        level="Nivel",
        reading="Tiempo de lectura",
        needs="Conviene saber antes",
        any_level="Cualquier nivel",
        any_topic="Cualquier tema",
        search="Buscar en el manual",
        read="leída",
        made="Hecho con",
        book="El manual como libro:",
        keep="Guardar el manual en este dispositivo",
    ),
}


TOPICS: dict[str, dict[str, str]] = {
    "en": {
        "attention": "attention",
        "blocks": "blocks",
        "broadcasting": "broadcasting",
        "cache": "cache",
        "causality": "causality",
        "cost": "cost",
        "gradients": "gradients",
        "heads": "heads",
        "inference": "inference",
        "labels": "labels",
        "loss": "loss",
        "masks": "masks",
        "memory": "memory",
        "padding": "padding",
        "positions": "positions",
        "precision": "precision",
        "probability": "probability",
        "pytorch": "PyTorch",
        "scaling": "scaling",
        "shapes": "shapes",
        "softmax": "softmax",
        "testing": "testing",
        "training": "training",
        "windows": "windows",
    },
    "es": {
        "attention": "atención",
        "blocks": "bloques",
        "broadcasting": "difusión",
        "cache": "caché",
        "causality": "causalidad",
        "cost": "costo",
        "gradients": "gradientes",
        "heads": "cabezas",
        "inference": "inferencia",
        "labels": "etiquetas",
        "loss": "pérdida",
        "masks": "máscaras",
        "memory": "memoria",
        "padding": "relleno",
        "positions": "posiciones",
        "precision": "precisión",
        "probability": "probabilidad",
        "pytorch": "PyTorch",
        "scaling": "escala",
        "shapes": "formas",
        "softmax": "softmax",
        "testing": "pruebas",
        "training": "entrenamiento",
        "windows": "ventanas",
    },
}
"""What a question may be about, as `data-topic` names it and as readers see it."""


@dataclass(frozen=True)
class RunWords:
    """The words of the buttons that run a page's blocks, and of what they say, in one language."""

    run: str
    edit: str
    reset: str
    stop: str
    loading: str
    running: str
    stopped: str
    same: str
    differs: str
    failed: str
    above: str
    missing: str
    local: str
    locally: str


RUN: dict[str, RunWords] = {
    "en": RunWords(
        run="Run",
        edit="Edit",
        reset="Reset",
        stop="Stop",
        loading="Fetching Python, about 9 MB, once …",
        running="Running …",
        stopped="Stopped",
        same="Prints what the page shows.",
        differs="Differs from the page:",
        failed="Fails at line {line}:",
        above="Block {number}, above, fails.",
        missing="Python could not be fetched. Is there a connection?",
        local="runs locally",
        locally="PyTorch does not run in the browser. In a clone: handbook check {path}",
    ),
    "es": RunWords(
        run="Ejecutar",
        edit="Editar",
        reset="Restablecer",
        stop="Detener",
        loading="Descargando Python, unos 9 MB, una sola vez…",
        running="Ejecutando…",
        stopped="Detenido",
        same="Imprime lo que muestra la página.",
        differs="No coincide con la página:",
        failed="Falla en la línea {line}:",
        above="Falla el bloque {number}, más arriba.",
        missing="No se pudo descargar Python. ¿Hay conexión?",
        local="se ejecuta en local",
        locally="PyTorch no se ejecuta en el navegador. En un clon: handbook check {path}",
    ),
}


@dataclass(frozen=True)
class MuseumWords:
    """The words of the bug museum in one language; a check is named as a column and as what notices."""

    bug: str
    page: str
    tests: str
    influence: str
    jacobian: str
    entropy: str
    contracts: str
    caught: str
    passes: str
    not_asked: str
    noticed: str
    noticed_by: str
    symptom: str
    cause: str
    met: str
    planted: str
    run: str
    without: str
    printed: str
    section: str


MUSEUM: dict[str, MuseumWords] = {
    "en": MuseumWords(
        bug="Bug",
        page="Page",
        tests="Tests",
        influence="Influence",
        jacobian="Jacobian",
        entropy="Entropy floor",
        contracts="Contracts",
        caught="noticed",
        passes="not noticed",
        not_asked="does not apply",
        noticed="Bugs noticed",
        noticed_by="Noticed by",
        symptom="Symptom.",
        cause="Cause.",
        met="Met in public.",
        planted="What is planted, in {files}",
        run="A run that shows it",
        without="Prints, with nothing planted",
        printed="Prints, with the bug",
        section="Section",
    ),
    "es": MuseumWords(
        bug="Error",
        page="Página",
        tests="Pruebas",
        influence="Influencia",
        jacobian="Jacobiano",
        entropy="Suelo de entropía",
        contracts="Contratos",
        caught="lo nota",
        passes="no lo nota",
        not_asked="no se aplica",
        noticed="Errores notados",
        noticed_by="Lo notan",
        symptom="Síntoma.",
        cause="Causa.",
        met="Visto en público.",
        planted="Lo que se siembra, en {files}",
        run="Una ejecución que lo muestra",
        without="Imprime, sin nada sembrado",
        printed="Imprime, con el error",
        section="Sección",
    ),
}


@dataclass(frozen=True)
class PracticeWords:
    """The words of the exam, the cards and the reader's progress in one language."""

    section: str
    topic: str
    level: str
    number: str
    any_section: str
    all: str
    begin: str
    again: str
    exam_count: str
    several: str
    finish: str
    score: str
    missing: str
    reread: str
    nothing_to_reread: str
    missed: str
    correct: str
    incorrect: str
    unanswered: str
    cards_count: str
    left: str
    new: str
    box: str
    show: str
    knew: str
    not_yet: str
    done: str
    back_in: str
    tomorrow: str
    proof_there: str
    deck: str
    read: str
    quizzes: str
    cards: str
    export: str
    restore: str
    erase: str
    really_erase: str
    erased: str
    restored: str
    not_restored: str
    not_kept: str


PRACTICE: dict[str, PracticeWords] = {
    "en": PracticeWords(
        section="Section",
        topic="Topic",
        level="Level",
        number="How many",
        any_section="All sections",
        all="All",
        begin="Begin",
        again="Choose again",
        exam_count="Quizzes to draw from: {count}",
        several="Several are right: mark them all.",
        finish="Finish",
        score="{right} of {all} right",
        missing="Not answered: {count}. Finish all the same?",
        reread="To reread",
        nothing_to_reread="Nothing to reread.",
        missed="missed: {count}",
        correct="Right",
        incorrect="Wrong",
        unanswered="Not answered",
        cards_count="Due today: {due}. New: {new}.",
        left="Cards left: {count}",
        new="new card",
        box="box {box}",
        show="Show the answer",
        knew="I knew it",
        not_yet="Not yet",
        done="Done. Known at once: {known} of {all}.",
        back_in="Comes back in {days} days.",
        tomorrow="Comes back tomorrow.",
        proof_there="The proof, in {section}",
        deck="Anki deck: {count} cards",
        read="Read",
        quizzes="Quizzes",
        cards="Cards",
        export="Export as JSON",
        restore="Take from a file",
        erase="Erase",
        really_erase="Really erase?",
        erased="Erased.",
        restored="Taken.",
        not_restored="This file holds no progress; nothing was changed.",
        not_kept="This browser keeps nothing here; what you do lasts until you leave the page.",
    ),
    "es": PracticeWords(
        section="Sección",
        topic="Tema",
        level="Nivel",
        number="Cuántas",
        any_section="Todas las secciones",
        all="Todas",
        begin="Empezar",
        again="Elegir de nuevo",
        exam_count="Preguntas entre las que se sortea: {count}",
        several="Hay varias correctas: márcalas todas.",
        finish="Terminar",
        score="{right} de {all} correctas",
        missing="Sin responder: {count}. ¿Terminar de todos modos?",
        reread="Para releer",
        nothing_to_reread="Nada que releer.",
        missed="falladas: {count}",
        correct="Correcta",
        incorrect="Incorrecta",
        unanswered="Sin responder",
        cards_count="Para hoy: {due}. Nuevas: {new}.",
        left="Tarjetas que quedan: {count}",
        new="tarjeta nueva",
        box="caja {box}",
        show="Mostrar la respuesta",
        knew="La sabía",
        not_yet="Todavía no",
        done="Listo. Sabidas a la primera: {known} de {all}.",
        back_in="Vuelve en {days} días.",
        tomorrow="Vuelve mañana.",
        proof_there="La prueba, en {section}",
        deck="Mazo de Anki: {count} tarjetas",
        read="Leída",
        quizzes="Preguntas",
        cards="Tarjetas",
        export="Exportar como JSON",
        restore="Tomar de un archivo",
        erase="Borrar",
        really_erase="¿Borrar de verdad?",
        erased="Borrado.",
        restored="Tomado.",
        not_restored="Este archivo no contiene ningún progreso; no se ha cambiado nada.",
        not_kept="Este navegador no guarda nada aquí; lo que hagas dura hasta que dejes la página.",
    ),
}


@dataclass(frozen=True)
class BookWords:
    """The words that a book needs besides the pages' own, in one language."""

    contents: str
    cover: str
    answers: str
    checked: str
    source: str
    licence: str


BOOK: dict[str, BookWords] = {
    "en": BookWords(
        contents="Contents",
        cover="Cover",
        answers="Answers to the quizzes",
        checked="Every listing in this book has run, and every output and every pinned number was compared with what "
        "was computed. A number underlined with dots leads to the listing that it comes from; a number in brackets "
        "names a listing.",
        source="The pages of this book, to run and to edit:",
        licence="Licence: MIT, code and text. The typefaces, Literata and JetBrains Mono, are under the SIL Open Font "
        "License 1.1.",
    ),
    "es": BookWords(
        contents="Índice",
        cover="Portada",
        answers="Respuestas del cuestionario",
        checked="Todos los bloques de código de este libro se han ejecutado, y cada salida y cada número anclado se "
        "han comparado con lo calculado. Un número con subrayado de puntos lleva al bloque del que sale; un número "
        "entre corchetes nombra un bloque.",
        source="Las páginas de este libro, para ejecutarlas y editarlas:",
        licence="Licencia: MIT, código y texto. Las tipografías, Literata y JetBrains Mono, tienen la SIL Open Font "
        "License 1.1.",
    ),
}


@dataclass(frozen=True)
class KeepWords:
    """The words of the offer to keep the whole handbook on a device, in one language. Sizes are in megabytes."""

    asked: str
    keep: str
    not_now: str
    keeping: str
    kept: str
    remove: str
    removed: str
    failed: str
    zip: str


KEEP: dict[str, KeepWords] = {
    "en": KeepWords(
        asked="The whole handbook takes {size} MB on this device. It then opens with no connection.",
        keep="Keep it",
        not_now="Not now",
        keeping="Here: {done} of {size} MB",
        kept="The whole handbook is on this device: {size} MB.",
        remove="Remove it",
        removed="Removed. Your progress stays.",
        failed="Not everything came. What did is kept for the next try.",
        zip="Or a zip that opens without a server ({size} MB)",
    ),
    "es": KeepWords(
        asked="El manual entero ocupa {size} MB en este dispositivo. Después se abre sin conexión.",
        keep="Guardarlo",
        not_now="Ahora no",
        keeping="Aquí ya: {done} de {size} MB",
        kept="El manual entero está en este dispositivo: {size} MB.",
        remove="Quitarlo",
        removed="Quitado. Tu progreso se queda.",
        failed="No llegó todo. Lo que llegó queda guardado para el próximo intento.",
        zip="O un zip que se abre sin servidor ({size} MB)",
    ),
}


API: dict[str, dict[str, str]] = {
    "en": {
        "Args": "Arguments",
        "Returns": "Returns",
        "Raises": "Raises",
        "Source": "Source",
        "Taught": "Taught in",
    },
    "es": {
        "Args": "Argumentos",
        "Returns": "Devuelve",
        "Raises": "Lanza",
        "Source": "Fuente",
        "Taught": "Se enseña en",
    },
}
"""What stands over the parts of a function's reference."""


def words(language: str) -> Words:
    """The words of `language`; raises `KeyError` for one that the handbook is not written in."""
    return WORDS[language]
