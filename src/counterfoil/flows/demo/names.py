"""Names, streets and towns that nobody has: put together from words, plainly invented."""

from __future__ import annotations

from random import Random

FIRST_WORDS = [
    "Alder", "Amber", "Birch", "Bluebell", "Bramble", "Cedar", "Clover", "Copper", "Coral", "Cygnet", "Dapple",
    "Elder", "Ember", "Fern", "Flint", "Foxglove", "Gable", "Gorse", "Harrier", "Hazel", "Heather", "Heron",
    "Ivy", "Juniper", "Kestrel", "Larch", "Lark", "Linnet", "Lupin", "Mallow", "Maple", "Marigold", "Meadow",
    "Nettle", "Oakleaf", "Osprey", "Otter", "Pebble", "Plover", "Poppy", "Quill", "Robin", "Rowan", "Saffron",
    "Sorrel", "Swift", "Teasel", "Thistle", "Thrush", "Willow", "Wren", "Yarrow",
]  # fmt: skip
TRADES = [
    "Bakery", "Bookshop", "Brewery", "Cash and Carry", "Clinic", "Cold Stores", "Coachworks", "Dental Practice",
    "Garden Centre", "Guest House", "Hardware", "Hotel", "Joinery", "Laundry", "Logistics", "Marina", "Motors",
    "Nursery School", "Pharmacy", "Pottery", "Primary School", "Printworks", "Riding School", "Sports Club",
    "Storage", "Surgery", "Theatre", "Tool Hire", "Veterinary", "Warehousing",
]  # fmt: skip
DEALERS = [
    "Beacon Alarms", "Sentinel Fire and Security", "Keystone Systems", "Lantern Electrical", "Watchtower Installs",
    "Padlock and Sons", "Northlight Security",
]  # fmt: skip
SITES = [
    "Head office",
    "Yard",
    "Shop",
    "Stores",
    "Annexe",
    "Workshop",
    "North gate",
    "Showroom",
    "Depot",
    "Car park",
]
STREETS = [
    "Quay Row",
    "Lighthouse Lane",
    "Mill Street",
    "Chandlers Way",
    "Ropewalk",
    "Harbour Hill",
    "Dock Road",
]
TOWNS = ["Port Merrow", "Saltham", "Gullhaven", "Brackwater", "Stonequay", "Eddystow"]


def names(random: Random, *, count: int) -> list[str]:
    """Return *count* different names of businesses."""
    pairs = [f"{first} {trade}" for first in FIRST_WORDS for trade in TRADES]
    return random.sample(pairs, count)


def address(random: Random) -> dict[str, str]:
    """Return an address as the columns hold it."""
    return {
        "address": f"{random.randint(1, 180)} {random.choice(STREETS)}",
        "postcode": f"HW{random.randint(1, 20)} {random.randint(1, 9)}AB",
        "city": random.choice(TOWNS),
    }
