"""The demo company's vocabulary: invented customers, suppliers and goods of a New Zealand wholesaler.

In: nothing. Out: tuples of words that `company` combines. Always: invented names only; e-mail under `.example`.
"""

from __future__ import annotations

COMPANY = "Tuatara Trading Co"
PLACES = (
    ("Ponsonby", "Auckland", "1011"),
    ("Devonport", "Auckland", "0624"),
    ("Raglan", "Raglan", "3225"),
    ("Mount", "Mount Maunganui", "3116"),
    ("Taupō", "Taupō", "3330"),
    ("Napier", "Napier", "4110"),
    ("Whanganui", "Whanganui", "4500"),
    ("Aro Valley", "Wellington", "6021"),
    ("Cuba Street", "Wellington", "6011"),
    ("Nelson", "Nelson", "7010"),
    ("Kaikōura", "Kaikōura", "7300"),
    ("Lyttelton", "Lyttelton", "8082"),
    ("Sumner", "Christchurch", "8081"),
    ("Wānaka", "Wānaka", "9305"),
    ("Arrowtown", "Arrowtown", "9302"),
    ("Ōamaru", "Ōamaru", "9400"),
    ("Port Chalmers", "Dunedin", "9023"),
    ("Invercargill", "Invercargill", "9810"),
)
TRADES = (
    "Roastery",
    "Café",
    "Homewares",
    "Kitchen & Table",
    "Gift Store",
    "Pottery Studio",
    "Deli",
    "Lodge",
    "Hotel",
    "Espresso Bar",
    "General Store",
    "Design Store",
    "Bakery",
    "Bookshop & Café",
)
ENDINGS = ("Ltd", "Limited", "& Co", "", "", "Holdings Ltd")
PEOPLE = ("Mere", "Tāne", "Anika", "Rewi", "Sophie", "Lagi", "Hemi", "Grace", "Wiremu", "Priya", "Liam", "Ngaire")
SURNAMES = ("Tamati", "Walker", "Patel", "O’Brien", "Fifita", "Chen", "Parata", "McLeod", "Singh", "Ropata")
SUPPLIERS = (
    ("KILN", "Kiln & Clay Potteries Ltd", "NZD"),
    ("HUIA", "Huia Coffee Importers Ltd", "NZD"),
    ("LINEN", "South Island Linen Company", "NZD"),
    ("GLASS", "Marlborough Glassworks", "NZD"),
    ("TIMBER", "Rimu Board & Timber Ltd", "NZD"),
    ("PACK", "Greenline Packaging Ltd", "NZD"),
    ("FREIGHT", "Straits Freight Forwarding", "NZD"),
    ("SYDNEY", "Sydney Barista Supply Pty Ltd", "AUD"),
    ("MELB", "Melbourne Enamelware Pty Ltd", "AUD"),
    ("PORTLAND", "Portland Brewing Gear Inc", "USD"),
)
# what it is, category, brand, sizes, price of the smallest
GOODS = (
    ("Stoneware cup", "Cups", "Kiln & Clay", ("150 ml", "250 ml", "350 ml"), "11.50"),
    ("Stoneware plate", "Plates", "Kiln & Clay", ("18 cm", "22 cm", "27 cm"), "16.90"),
    ("Glass carafe", "Glass", "Marlborough", ("500 ml", "1 litre"), "34.00"),
    ("Rimu serving board", "Boards", "Rimu", ("small", "medium", "large"), "42.00"),
    ("Linen tea towel", "Linen", "South Island", ("plain", "striped"), "17.50"),
    ("Linen napkins, set of 4", "Linen", "South Island", ("natural", "indigo"), "39.00"),
    ("House blend coffee beans", "Coffee", "Huia", ("250 g", "1 kg", "5 kg"), "13.2450"),
    ("Single origin coffee beans", "Coffee", "Huia", ("250 g", "1 kg"), "15.8725"),
    ("Decaf coffee beans", "Coffee", "Huia", ("250 g", "1 kg"), "14.6150"),
    ("Pour-over dripper", "Brewing", "Portland", ("one cup", "two cups"), "28.75"),
    ("Paper filters, 100", "Brewing", "Portland", ("size 1", "size 2"), "7.3333"),
    ("Milk jug", "Brewing", "Sydney Barista", ("350 ml", "600 ml"), "24.90"),
    ("Enamel kettle", "Kettles", "Melbourne", ("1 litre", "2 litres"), "69.00"),
    ("Enamel mug", "Cups", "Melbourne", ("300 ml", "450 ml"), "12.80"),
)
COLOURS = ("white", "sand", "moss", "slate", "clay", "ink", "sea", "kōwhai")
LONG_PRODUCT = "Hand-thrown stoneware espresso cup and saucer set, reactive glaze, kōwhai yellow, box of six"
LONG_CUSTOMER = (
    "The Combined Trustees of the Upper Waitaki and Lower Ahuriri Community Arts, Crafts, Coffee and Homeware"
    " Cooperative Society for the Promotion of Local Makers and Growers (Ōtematatā, Kurow, Duntroon and Omarama"
    " branches), trading as The Makers’ Shelf"
)
FORMULA_CUSTOMER = '=HYPERLINK("http://harbour.example/pay","Harbour Traders")'
