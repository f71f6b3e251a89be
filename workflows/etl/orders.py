"""What workflows/etl.yaml computes in Python."""

import csv
import io


def parse(text: str) -> list[dict]:
    """CSV text as a list of orders, with numbers as numbers."""
    return [
        {
            "order": row["order"],
            "region": row["region"],
            "product": row["product"],
            "revenue": round(int(row["units"]) * float(row["price"]), 2),
        }
        for row in csv.DictReader(io.StringIO(text))
    ]


def total(region: str, orders: list[dict]) -> dict:
    """One region's orders added up."""
    own = [order["revenue"] for order in orders if order["region"] == region]
    return {"region": region, "orders": len(own), "revenue": round(sum(own), 2)}
