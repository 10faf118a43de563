"""Reads one statement with the parser that Python has for its format; prints how many lines and how many seconds."""

import datetime
import decimal
import sys
import time


def read_csv(path):
    import csv

    with open(path, newline="") as file:
        rows = [
            (datetime.date.fromisoformat(row["Date"]), decimal.Decimal(row["Amount"]), row["Description"], row["Currency"])
            for row in csv.DictReader(file)
        ]
    return len(rows)


def read_ofx(path):
    from ofxtools.Parser import OFXTree

    tree = OFXTree()
    with open(path, "rb") as file:
        tree.parse(file)
    return sum(len(statement.transactions) for statement in tree.convert().statements)


def read_qif(path):
    from quiffen import Qif

    return sum(
        len(lines) for account in Qif.parse(path).accounts.values() for lines in account.transactions.values()
    )


def read_camt(path):
    from pycamt.parser import Camt053Parser

    return len(Camt053Parser.from_file(path).get_transactions())


def read_mt940(path):
    import mt940

    return len(mt940.parse(path))


READERS = {"csv": read_csv, "ofx": read_ofx, "qif": read_qif, "camt": read_camt, "mt940": read_mt940}

if __name__ == "__main__":
    format, path = sys.argv[1:]
    reader = READERS[format]
    begun = time.perf_counter()
    count = reader(path)
    print(count, time.perf_counter() - begun)
