#!/usr/bin/env python3
"""Writes accounts, persons, loans and their transfers as CSV tables, the same for the same seed.

    generate.py DIRECTORY [--transfers 40000] [--seed 1]

Degrees are skewed: an end of a transfer is chosen with a density that falls with the square root of the account's
rank, and the ranks as sender and as receiver are independent of each other. Times are whole seconds of one year,
no two events at the same one; amounts are cents. The tables have the header of Throughline's importer.
"""

import argparse
import csv
import random
from pathlib import Path

YEAR = 365 * 24 * 3600


class Generator:
    def __init__(self, directory, transfers, seed):
        self.directory = directory
        self.random = random.Random(seed)
        self.n_transfers = transfers
        self.n_accounts = transfers // 10
        self.n_persons = self.n_accounts // 2
        self.n_loans = self.n_accounts // 5
        self.n_mediums = self.n_accounts // 4
        self.n_withdrawals = transfers // 4
        self.n_guarantees = 3 * self.n_persons
        n_events = self.n_transfers + self.n_withdrawals + self.n_accounts + 3 * self.n_loans + self.n_guarantees
        self.times = iter(self.random.sample(range(YEAR), n_events))

    def write(self, name, header, rows):
        with open(self.directory / name, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)

    def amount(self):
        """In cents; most are small, few are large."""
        return min(1_000_000, int(1_000 / (1 - self.random.random()) ** 0.8))

    def skewed(self, n):
        return int(n * self.random.random() ** 2)

    def nodes(self):
        self.write("accounts.csv", [":ID", ":LABEL"], ([f"a{i}", "Account"] for i in range(self.n_accounts)))
        self.write("persons.csv", [":ID", ":LABEL"], ([f"p{i}", "Person"] for i in range(self.n_persons)))
        loans = ([f"l{i}", "Loan", 100_000 * self.random.randint(1, 100)] for i in range(self.n_loans))
        self.write("loans.csv", [":ID", ":LABEL", "amount:int"], loans)
        mediums = ([f"m{i}", "Medium", "true" if self.random.random() < 0.1 else "false"] for i in range(self.n_mediums))
        self.write("mediums.csv", [":ID", ":LABEL", "blocked:boolean"], mediums)

    def moves(self, name, type_, n):
        senders = list(range(self.n_accounts))
        receivers = list(range(self.n_accounts))
        self.random.shuffle(senders)
        self.random.shuffle(receivers)

        def rows():
            for _ in range(n):
                start = senders[self.skewed(self.n_accounts)]
                end = start
                while end == start:
                    end = receivers[self.skewed(self.n_accounts)]
                yield [f"a{start}", f"a{end}", type_, next(self.times), self.amount()]

        self.write(name, [":START_ID", ":END_ID", ":TYPE", "from:int", "amount:int"], rows())

    def events(self, name, type_, pairs):
        rows = ([start, end, type_, next(self.times)] for start, end in pairs)
        self.write(name, [":START_ID", ":END_ID", ":TYPE", "from:int"], rows)

    def relationships(self):
        any_of = lambda prefix, n: f"{prefix}{self.random.randrange(n)}"
        self.moves("transfers.csv", "TRANSFER", self.n_transfers)
        self.moves("withdrawals.csv", "WITHDRAW", self.n_withdrawals)
        owns = ([any_of("p", self.n_persons), f"a{i}", "OWN"] for i in range(self.n_accounts))
        self.write("owns.csv", [":START_ID", ":END_ID", ":TYPE"], owns)
        self.events("sign_ins.csv", "SIGN_IN", ((any_of("m", self.n_mediums), f"a{i}") for i in range(self.n_accounts)))
        deposits = [[f"l{i}", any_of("a", self.n_accounts)] for i in range(self.n_loans) for _ in range(2)]
        rows = ([start, end, "DEPOSIT", next(self.times), self.amount()] for start, end in deposits)
        self.write("deposits.csv", [":START_ID", ":END_ID", ":TYPE", "from:int", "amount:int"], rows)
        self.events("applies.csv", "APPLY", ((any_of("p", self.n_persons), f"l{i}") for i in range(self.n_loans)))
        guarantees = ((any_of("p", self.n_persons), any_of("p", self.n_persons)) for _ in range(self.n_guarantees))
        self.events("guarantees.csv", "GUARANTEE", guarantees)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--transfers", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    generator = Generator(arguments.directory, arguments.transfers, arguments.seed)
    generator.nodes()
    generator.relationships()


if __name__ == "__main__":
    main()
