//! The people, cafés, suppliers and coffees of the demo business. All are invented.

pub(super) const FIRST_NAMES: [&str; 36] = [
    "Maya", "Tom", "Priya", "Callum", "Aoife", "James", "Zainab", "Ellie", "Marcus", "Hannah", "Kofi", "Rhys", "Sofia",
    "Daniel", "Ffion", "Oliver", "Amira", "Jack", "Niamh", "Ravi", "Lucy", "Ewan", "Chloe", "Mateo", "Grace", "Idris",
    "Ruth", "Ben", "Leila", "Harry", "Imogen", "Samuel", "Yuki", "Megan", "Arun", "Freya",
];

pub(super) const LAST_NAMES: [&str; 36] = [
    "Taylor",
    "Okafor",
    "Hughes",
    "Patel",
    "Walker",
    "Ahmed",
    "Murphy",
    "Clarke",
    "Evans",
    "Kowalska",
    "Fraser",
    "Bell",
    "Singh",
    "Morris",
    "Doyle",
    "Reid",
    "Chapman",
    "Mensah",
    "Harris",
    "Lowe",
    "Campbell",
    "Ortiz",
    "Webb",
    "Rahman",
    "Foster",
    "Byrne",
    "Wood",
    "Griffiths",
    "Hall",
    "Nakamura",
    "Price",
    "Shaw",
    "Turner",
    "Iqbal",
    "Young",
    "Barker",
];

/// Name, price in pence, how often it is chosen, and whether it is coffee (the price rise is for coffee).
pub(super) struct Product {
    pub name: &'static str,
    pub pence: i64,
    pub weight: i64,
    pub coffee: bool,
}

const fn product(name: &'static str, pence: i64, weight: i64, coffee: bool) -> Product {
    Product { name, pence, weight, coffee }
}

pub(super) const PRODUCTS: [Product; 13] = [
    product("Kiln House Blend 250 g", 895, 22, true),
    product("Kiln House Blend 1 kg", 2850, 14, true),
    product("Espresso No. 3 1 kg", 2750, 13, true),
    product("Ethiopia Guji 250 g", 1150, 13, true),
    product("Colombia Huila 250 g", 995, 12, true),
    product("Decaf Sugar Cane 250 g", 980, 8, true),
    product("Guatemala Antigua 1 kg", 3150, 6, true),
    product("Kenya Nyeri 250 g", 1295, 6, true),
    product("Paper filters, 100", 650, 8, false),
    product("Tasting box, 4 x 100 g", 1895, 6, true),
    product("Travel press", 3450, 2, false),
    product("Hand grinder", 6500, 1, false),
    product("Harbour mug", 1400, 3, false),
];

/// What the tasting bar sells.
pub(super) const TICKETS: [(&str, i64); 8] = [
    ("Flat white", 360),
    ("2 flat whites", 720),
    ("Espresso, cardamom bun", 690),
    ("Pour-over", 450),
    ("Pour-over, toast", 980),
    ("Cold brew", 420),
    ("Cappuccino, almond cake", 810),
    ("4 coffees", 1440),
];

/// A café that buys from the roastery: who, how often in days, for how much, and the month in which it began.
pub(super) struct Cafe {
    pub name: &'static str,
    pub every: i64,
    pub pence: i64,
    pub from_month: i64,
}

const fn cafe(name: &'static str, every: i64, pence: i64, from_month: i64) -> Cafe {
    Cafe { name, every, pence, from_month }
}

pub(super) const CAFES: [Cafe; 46] = [
    cafe("The Tide Table", 14, 70400, 0),
    cafe("Lock Keeper's Café", 7, 40000, 0),
    cafe("Pier Nine Bakery", 14, 56100, 0),
    cafe("Copper Kettle", 14, 34000, 0),
    cafe("Northgate Deli", 28, 59600, 0),
    cafe("Wren & Daughters", 14, 43000, 0),
    cafe("Salt Yard Kitchen", 7, 32900, 0),
    cafe("The Reading Room", 14, 39000, 0),
    cafe("Fernhill Farm Shop", 28, 78700, 0),
    cafe("Bramble & Rye", 14, 49000, 0),
    cafe("Old Customs House", 7, 45800, 0),
    cafe("Signal Box Coffee", 14, 52600, 0),
    cafe("Gull & Anchor", 14, 36600, 0),
    cafe("Juniper Bistro", 28, 54700, 0),
    cafe("Mill Lane Bakehouse", 7, 30400, 0),
    cafe("Penrose Hotel", 14, 101900, 0),
    cafe("The Glasshouse", 14, 42300, 0),
    cafe("St Brannock's Arts", 28, 45100, 0),
    cafe("Quayside Cycles", 14, 28300, 0),
    cafe("Larder on the Hill", 14, 47000, 0),
    cafe("Velvet Bean", 7, 35900, 0),
    cafe("Market Hall Coffee", 7, 41900, 0),
    cafe("Heron Bookshop", 28, 32700, 0),
    cafe("Drift Surf Café", 14, 40500, 0),
    cafe("Saffron & Stone", 14, 51500, 0),
    cafe("Union Works Canteen", 14, 66000, 0),
    cafe("Little Acorns", 28, 35400, 0),
    cafe("The Weighbridge", 14, 47800, 0),
    cafe("Foundry Lofts", 14, 60500, 1),
    cafe("Beacon Gallery", 28, 38600, 2),
    cafe("Tally Ho Tearoom", 14, 32100, 3),
    cafe("Sundial Wholefoods", 14, 53100, 5),
    cafe("Harper's Corner", 14, 44400, 7),
    cafe("Canal Street Social", 7, 37500, 9),
    cafe("Ardmore House Hotel", 14, 108300, 12),
    cafe("Plume Patisserie", 14, 41600, 13),
    cafe("The Potting Shed", 28, 49200, 15),
    cafe("Blackthorn Climbing", 14, 35000, 16),
    cafe("Orchard Row", 14, 45500, 17),
    cafe("Kite Lane", 7, 33600, 19),
    cafe("Station Buffet", 14, 63000, 20),
    cafe("Meridian Offices", 14, 73400, 22),
    cafe("Sailmakers", 14, 43500, 24),
    cafe("Thistle & Oat", 28, 52200, 26),
    cafe("The Boathouse", 14, 58900, 29),
    cafe("Lantern Works", 14, 55900, 33),
];

pub(super) const GREEN_IMPORTERS: [&str; 4] =
    ["Meridian Green Coffee", "Highland Origins Ltd", "Casa Verde Importers", "Rift Valley Trading"];

/// Name, net pay in pence a month, the month in which they began.
pub(super) const STAFF: [(&str, i64, i64); 9] = [
    ("S Penhallow", 262_000, 0),
    ("R Adeyemi", 216_500, 0),
    ("K Lindqvist", 194_200, 0),
    ("J Hartley", 182_800, 0),
    ("M Costa", 178_400, 0),
    ("B Fairweather", 171_900, 0),
    ("T Nguyen", 118_600, 0),
    ("A Rowe", 74_300, 3),
    ("L Sharma", 176_200, 16),
];

/// Software and services on the card: who, what, pence, day of the month.
pub(super) const SUBSCRIPTIONS: [(&str, &str, i64, u32); 8] = [
    ("Shopfront Cloud", "Online shop, monthly plan", 7900, 2),
    ("Ledgerly", "Bookkeeping software", 3300, 4),
    ("Postbird", "Newsletter, 5,000 contacts", 5400, 7),
    ("RoastLog", "Roast profiling", 4900, 9),
    ("Parcelwise", "Shipping labels", 2900, 11),
    ("OfficeBase", "Mail and documents, 9 seats", 9720, 15),
    ("ShiftPlan", "Rota and timesheets", 2700, 19),
    ("Cloudvault", "Backups", 1490, 23),
];
