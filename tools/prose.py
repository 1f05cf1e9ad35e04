"""The rules of prose: width of documents, size of table cells, phrases to avoid, links, subjects of commits."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS_MAX = 100
CELL_WORDS_MAX = 40
SUBJECT_MAX = 72
# These still await their rewrite. The change that rewrites one removes it here.
EXCLUDED = set()
# Each phrase (blanks stand for any white space), and what to write instead.
PHRASES = {
    r"(?<!there\s)(is|are) none(?! of)": "say what there is not",
    r"(made|makes|make|making) anew": "recomputed, created again",
    r"(goes|go|going) on (answering|with)": "continues",
    r"(is|are) waited for": "the program waits for",
    r"(is|are) looked at": "checked",
    r"(is|are|was|were) asked (for|of)": "requested, queried",
    r"[Ww]hoever": "name the person or the program",
    r"Who (asks|can|does|hangs|is|loses|must|reads|wants)(?![^.]*[?])": "begin with a noun",
    r"of a core a packet": "per packet",
    r"as long as it takes": "without a deadline",
}


def documents():
    listed = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [path for path in (*listed, *sorted((ROOT / "docs").rglob("*.md"))) if path.exists()]


def prose_lines(text):
    """(number, line) of every line outside code blocks."""
    in_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code:
            yield number, line


def shape_problems(text):
    for number, line in prose_lines(text):
        if line.startswith("|"):
            if any(len(cell.split()) > CELL_WORDS_MAX for cell in re.split(r"(?<!\\)\|", line)):
                yield number, f"a table cell has at most {CELL_WORDS_MAX} words: use a list"
        elif len(re.sub(r"https?://\S+", "", line)) > COLUMNS_MAX:
            yield number, f"documents are wrapped at {COLUMNS_MAX} columns"


ALL_PHRASES = re.compile("|".join(r"\b(?:" + phrase.replace(" ", r"\s+") + r")\b" for phrase in PHRASES))


def phrases_in(text):
    """(line, what, offset) of each phrase to avoid."""
    for found in ALL_PHRASES.finditer(text):
        words = " ".join(found[0].split())
        instead = next(PHRASES[phrase] for phrase in PHRASES if re.match(phrase, words))
        yield text.count("\n", 0, found.start()) + 1, f"avoid '{words}': {instead}", found.start()


def phrase_problems(text):
    return ((number, what) for number, what, _ in phrases_in(text))


def anchors(path):
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def link_problems(path, text):
    for number, line in prose_lines(text):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            linked = (path.parent / name).resolve() if name else path
            if not linked.exists():
                yield number, f"{target} does not exist"
            elif anchor and linked.suffix == ".md" and anchor not in anchors(linked):
                yield number, f"{name or path.name} has no heading '{anchor}'"


def git(*arguments):
    """The output, or an empty text where there is no git, no repository or no such revision."""
    try:
        ran = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""


def long_subjects():
    base = git("merge-base", "HEAD", "origin/main")
    if not base:
        return
    for line in git("log", "--format=%h %s", f"{base}..HEAD").splitlines():
        commit, _, subject = line.partition(" ")
        if len(subject) > SUBJECT_MAX:
            yield f"{commit}: the subject of a commit has at most {SUBJECT_MAX} characters"


def problems():
    for path in documents():
        name = path.relative_to(ROOT)
        text = path.read_text()
        found = list(link_problems(path, text))
        if str(name) not in EXCLUDED:
            found += [*shape_problems(text), *phrase_problems(text)]
        yield from (f"{name}:{number}: {what}" for number, what in sorted(found))
    yield from long_subjects()
