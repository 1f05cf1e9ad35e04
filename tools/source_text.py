"""The rules of text in sources: phrases to avoid in comments and literals, words with one meaning, no JSON by hand."""
import json
import pathlib
import re

import prose

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "bench", "tools", "script")
# The file that holds the phrases.
PHRASES_EXCLUDED = ("tools/prose.py",)
# A comment or a literal of C++, Python or bash. Literals come first, as they may hold the mark of a comment.
CPP_TEXT = re.compile(r'R"(\w*)\((.*?)\)\1"|"((?:[^"\\\n]|\\.)*)"|//[^\n]*', re.S)
SCRIPT_TEXT = re.compile(r'"""(.*?)"""|"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|(?:^|\s)#[^\n]*', re.S | re.M)
# Words that had several meanings (ARCHITECTURE.md, Words): a pattern, the folders where it is wrong, the word instead.
WORDS = (
    (r"\b(HttpSession|class Session|struct Session)\b", "src/http src/api src/doors", "HttpConnection"),
    (r"\b(class|struct) Account\b", "src/replay src/packwalk", "Tally"),
    (r"\b(class|struct) Delivery\b", "src/ports src/adapters src/town src/core", "Upload"),
    (r"\b(class|struct) Notice\b", "src", "Heartbeat"),
    (r"\b\w+Picture\b", "src/ports src/app src/adapters src/core", "...Snapshot"),
    (r"\b\w*(Message|Walk|Companion|Fix|Track)Place\b", "src", "...Cursor"),
    (r"\b(WalPlace|LogPlace)\b", "src", "LogPosition"),
    (r"\bResult<bool> claim\(", "src/ports src/adapters", "lock"),
    (r"(?<!\bin )\bplaces?\b|(?<!\bin)_places?\b|\bplaces?_|[a-z]Places?\b",
     "src/core/phone src/core/packet src/http src/replay src/base", "position, or the name of the thing"),
)
# These write JSON on purpose: the writer, and the mending of bytes that came from outside.
JSON_EXCLUDED = {"src/base/json_writer.h", "src/base/json_writer.cc", "src/core/packet/json_mend.cc"}


def sources():
    """path -> text."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".cc", ".h", ".py") or (folder == "script" and path.is_file()):
                yield path, path.read_text()


def texts(path, text):
    """(offset, text) of each comment and literal."""
    pattern = CPP_TEXT if path.suffix in (".cc", ".h") else SCRIPT_TEXT
    for found in pattern.finditer(text):
        yield found.start(), found[0]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def joined_comments(text):
    """The text with the marks of comments and the seams of literals blanked, so that phrases may cross lines."""
    return re.sub(r'\n[ \t]*(?:///?|#)|"[ \t]*\n[ \t]*"', lambda seam: re.sub(r"[^\n]", " ", seam[0]), text)


def phrase_problems(path, text):
    name = str(path.relative_to(ROOT))
    if name.startswith(PHRASES_EXCLUDED):
        return
    joined = joined_comments(text)
    spans = [(offset, offset + len(each)) for offset, each in texts(path, text)]
    for number, what, offset in prose.phrases_in(joined):
        if any(begin <= offset < end for begin, end in spans):
            yield number, what


def word_problems(path, text):
    name = str(path.relative_to(ROOT))
    for pattern, folders, instead in WORDS:
        if not any(name.startswith(folder + "/") for folder in folders.split()) or is_test(path):
            continue
        for found in re.finditer(pattern, text):
            yield line_of(text, found.start()), f"'{found[0]}' has another meaning: write {instead}"


def is_test(path):
    return re.search(r"_test\.|fuzz|fixture|byte_client", path.name) is not None


def is_json(literal):
    try:
        json.loads(literal)
        return True
    except ValueError:
        return False


def json_problems(path, text):
    """Literals that hold a part of a JSON text. A whole text, such as a constant answer, is fine."""
    name = str(path.relative_to(ROOT))
    if not name.startswith("src/") or name in JSON_EXCLUDED or is_test(path):
        return
    for found in CPP_TEXT.finditer(text):
        if found[0].startswith("//"):
            continue
        literal = found[2] if found[2] is not None else found[3].replace('\\"', '"').replace("\\n", "\n")
        if re.search(r'\{"|"\s*:(?!:)', literal) and not is_json(literal):
            yield line_of(text, found.start()), "write JSON with base/json_writer.h"


def problems():
    for path, text in sources():
        name = path.relative_to(ROOT)
        found = [*phrase_problems(path, text), *word_problems(path, text), *json_problems(path, text)]
        yield from (f"{name}:{number}: {what}" for number, what in sorted(found))
