#!/usr/bin/env python3
"""Asks six time-ordered questions of Throughline and of a peer on the same tables, and compares answers and times.

    compare.py TABLES [--peer ladybug|kuzu|none] [--program target/release/throughline] [--draws 50] [--seed 1]

TABLES is a directory that generate.py has written. Both sides load it anew into WORK (default TABLES/work), and
answer every question for the same draws of parameters in one warm process each: Throughline a `repl` at the other
end of a pipe, the peer through its Python package. The answers are compared first, draw by draw; a form of the
peer's statement that answers otherwise is reported and not timed. Times are the median and the 95th percentile
over the draws, in milliseconds, from sending the statement to having its whole answer; the time of a draw is
the least of five.
"""

import argparse
import csv
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
QUESTIONS = ["1", "2", "3", "5", "8", "11"]
DAY = 24 * 3600


def statement(name):
    """The statement of a file without its comments."""
    text = (HERE / "queries" / name).read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("//")).strip()


def forms(question, endings):
    """The ways to ask a question that there are files for."""
    names = [f"{question}{ending}.cypher" for ending in endings]
    return [name for name in names if (HERE / "queries" / name).exists()]


def form(name):
    """What a file's name says beside the question: `plain` of 2.plain.cypher."""
    return name.split(".")[1].replace("cypher", "")


def rows(table):
    with open(table, newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def draws(tables, n, seed):
    """Parameters: accounts as they occur in transfers, so busy ones more often, and a window of 120 days."""
    chance = random.Random(seed)
    transfers = [(row[":START_ID"], row[":END_ID"]) for row in rows(tables / "transfers.csv")]
    owners = {row[":END_ID"]: row[":START_ID"] for row in rows(tables / "owns.csv")}
    guarantors = [row[":START_ID"] for row in rows(tables / "guarantees.csv")]
    deposits = [(row[":START_ID"], int(row["from:int"])) for row in rows(tables / "deposits.csv")]
    for _ in range(n):
        since = chance.randrange(240 * DAY)
        start, end = chance.choice(transfers), chance.choice(transfers)
        loan, paid = chance.choice(deposits)
        window = {"since": since, "until": since + 120 * DAY}
        after = {"since": paid - 1, "until": paid + 120 * DAY}
        yield {
            "1": {"id": start[0], **window},
            "2": {"person": owners[end[1]], **window},
            "3": {"id": start[0], "id2": end[1], **window},
            "5": {"person": owners[start[0]], **window},
            "8": {"loan": loan, "ratio": 0.3, **after},
            "11": {"person": chance.choice(guarantors), **window},
        }


class Throughline:
    def __init__(self, program, tables, work):
        case = work / "throughline.case"
        started = time.perf_counter()
        files = sorted(str(file) for file in tables.glob("*.csv"))
        subprocess.run([program, "--case", case, "import", *files], check=True, stdout=subprocess.DEVNULL)
        self.load_s = time.perf_counter() - started
        self.process = subprocess.Popen(
            [program, "--case", case, "repl", "--format", "json"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )

    def ask(self, name, parameters):
        text = " ".join(statement(name).split())
        for key, value in parameters.items():
            self.process.stdin.write(f":param {key} = {json.dumps(value)}\n")
        self.process.stdin.flush()
        started = time.perf_counter()
        self.process.stdin.write(text + ";\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        took = time.perf_counter() - started
        answer = json.loads(line)
        # That nothing was found is an answer; any other notice may mean that it is not whole.
        told = [notice for notice in answer.get("notices", []) if "EXPLAIN WHY NOT" not in notice]
        if "error" in answer or told:
            sys.exit(f"throughline, question {name}: {answer.get('error') or answer['notices']}")
        return answer["rows"], took


class Peer:
    NODES = {"Account": "", "Person": "", "Loan": "amount", "Medium": "blocked"}
    RELATIONSHIPS = {
        "TRANSFER": ("Account", "Account", "transfers", ["from", "amount"]),
        "WITHDRAW": ("Account", "Account", "withdrawals", ["from", "amount"]),
        "DEPOSIT": ("Loan", "Account", "deposits", ["from", "amount"]),
        "OWN": ("Person", "Account", "owns", []),
        "SIGN_IN": ("Medium", "Account", "sign_ins", ["from"]),
        "APPLY": ("Person", "Loan", "applies", ["from"]),
        "GUARANTEE": ("Person", "Person", "guarantees", ["from"]),
    }
    TYPES = {"from": "ts INT64", "amount": "amount INT64", "blocked": "blocked BOOLEAN"}

    def __init__(self, package, tables, work):
        self.name = f"{package.__name__} {package.__version__}"
        started = time.perf_counter()
        self.connection = package.Connection(package.Database(str(work / package.__name__)))
        for label, column in self.NODES.items():
            more = f", {self.TYPES[column]}" if column else ""
            self.run(f"CREATE NODE TABLE {label}(id STRING PRIMARY KEY{more})")
            self.copy(label, tables / f"{label.lower()}s.csv", [":ID"] + ([column] if column else []))
        for type_, (start, end, table, columns) in self.RELATIONSHIPS.items():
            more = "".join(f", {self.TYPES[column]}" for column in columns)
            self.run(f"CREATE REL TABLE {type_}(FROM {start} TO {end}{more})")
            self.copy(type_, tables / f"{table}.csv", [":START_ID", ":END_ID", *columns])
        self.run("CALL var_length_extend_max_depth=1000")
        self.load_s = time.perf_counter() - started

    def run(self, text, parameters=None):
        return self.connection.execute(text, parameters or {}).get_all()

    def copy(self, name, table, columns):
        """The peers read the importer's header, type included, and drop the type from the column's name."""
        chosen = ", ".join(f"`{column}`" for column in columns)
        self.run(f"COPY {name} FROM (LOAD FROM '{table}' (HEADER=true) RETURN {chosen})")

    def ask(self, name, parameters):
        text = statement(name)
        used = {key: value for key, value in parameters.items() if re.search(rf"\${key}\b", text)}
        started = time.perf_counter()
        answer = self.run(text, used)
        return answer, time.perf_counter() - started


def comparable(answer):
    """Rows in one order, numbers as numbers; a sum over nothing is 0 here and null there."""
    def cell(value):
        if value is None:
            return 0
        return value if isinstance(value, str) else float(value)
    return sorted([cell(value) for value in row] for row in answer)


def measure(side, name, question, parameters):
    """Answers, and the least time of each draw over five rounds, which leaves out what other processes took.
    Where the first round takes more than ten seconds it is the only one, and it ends after a minute."""
    answers, least = [], []
    for drawn in parameters:
        answer, took = side.ask(name, drawn[question])
        answers.append(comparable(answer))
        least.append(1000 * took)
        if sum(least) > 60_000:
            break
    for _ in range(4 if sum(least) <= 10_000 else 0):
        for at, drawn in enumerate(parameters):
            least[at] = min(least[at], 1000 * side.ask(name, drawn[question])[1])
    return answers, least


def n_differences(answers, others):
    return sum(answer != other for answer, other in zip(answers, others))


def told(times):
    ordered = sorted(times)
    return f"{statistics.median(ordered):.2f} ({ordered[int(0.95 * len(ordered))]:.1f})"


def fastest_of_peer(peer, question, parameters, expected):
    """The times of the peer's fastest form with the expected answers, and what is to be said of each form."""
    best, said = None, []
    for name in forms(question, [".twin", ".steps"]):
        try:
            answers, times = measure(peer, name, question, parameters)
        except Exception as error:
            said.append(f"{form(name)}: {' '.join(str(error).split())[:80]}")
            continue
        n_other = n_differences(expected, answers)
        if n_other:
            said.append(f"{form(name)}: another answer for {n_other} of {len(answers)} draws")
            continue
        said.append(f"{form(name)} {statistics.median(times):.2f}")
        if best is None or statistics.median(times) < statistics.median(best):
            best = times
    return best, "; ".join(said)


def compare(ours, peer, parameters):
    print("| read | rows | Throughline, ms | peer, ms | ratio | forms of the peer |")
    print("|---|--:|--:|--:|--:|---|")
    for question in QUESTIONS:
        theirs, said, expected = None, "", None
        for name in forms(question, ["", ".plain"]):
            answers, times = measure(ours, name, question, parameters)
            if expected is None:
                expected = answers
                if peer:
                    theirs, said = fastest_of_peer(peer, question, parameters, expected)
            elif n_differences(answers, expected):
                sys.exit(f"{name} answers otherwise than {question}.cypher")
            ratio = f"{statistics.median(theirs) / statistics.median(times):.2f}" if theirs else ""
            mean_rows = sum(map(len, expected)) / len(expected)
            cells = [f"{question} {form(name)}", f"{mean_rows:.1f}", told(times), told(theirs) if theirs else "", ratio, said]
            print("|", " | ".join(cells), "|", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("--peer", choices=["ladybug", "kuzu", "none"], default="ladybug")
    parser.add_argument("--program", type=Path, default=HERE.parent.parent / "target/release/throughline")
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    tables = arguments.tables.resolve()
    work = arguments.work or tables / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    ours = Throughline(arguments.program, tables, work)
    print(f"throughline: loaded in {ours.load_s:.1f} s; load of the machine {os.getloadavg()[0]:.1f}")
    peer = None
    if arguments.peer != "none":
        try:
            package = __import__(arguments.peer)
        except ImportError:
            print(f"the peer is missing (pip install {arguments.peer}): only our own side is measured")
        else:
            peer = Peer(package, tables, work)
            print(f"{peer.name}: loaded in {peer.load_s:.1f} s")
    compare(ours, peer, list(draws(tables, arguments.draws, arguments.seed)))


if __name__ == "__main__":
    main()
