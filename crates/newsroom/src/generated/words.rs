//! Words that generated texts are made of, the common ones first.

/// The sections.
pub(super) const SECTIONS: &[&str] = &[
    "National",
    "International",
    "Economy",
    "Culture",
    "Sport",
    "Science",
    "Environment",
    "Education",
    "Health",
    "Opinion",
    "Interview",
    "Travel",
];

/// The words.
#[rustfmt::skip]
pub(super) const WORDS: &[&str] = &[
    "the", "a", "of", "and", "in", "to", "river", "valley", "water", "hill", "market", "school", "road",
    "bridge", "farmer", "village", "city", "season", "rain", "harvest", "teacher", "council", "budget",
    "plan", "report", "minister", "office", "worker", "factory", "price", "rice", "maize", "tea", "garden",
    "forest", "trail", "guide", "lake", "temple", "festival", "music", "theatre", "film", "poet", "writer",
    "history", "language", "script", "newspaper", "printer", "radio", "signal", "network", "power", "grid",
    "turbine", "dam", "canal", "well", "pump", "pipe", "filter", "clinic", "nurse", "doctor", "patient",
    "vaccine", "mother", "child", "family", "house", "roof", "brick", "kiln", "timber", "stone", "clay",
    "potter", "weaver", "loom", "wool", "cotton", "dye", "colour", "pattern", "mask", "dancer", "drum",
    "flute", "singer", "choir", "stage", "crowd", "match", "team", "coach", "player", "league", "final",
    "score", "stadium", "mountain", "climber", "glacier", "snow", "slope", "summit", "ridge", "pass",
    "monsoon", "drought", "flood", "landslide", "warning", "survey", "map", "satellite", "data", "model",
    "forecast", "study", "sample", "result", "trend", "measure", "share", "cost", "loan", "bank", "credit",
    "trader", "export", "import", "border", "customs", "truck", "driver", "fuel", "station", "engine",
    "repair", "garage", "mechanic", "train", "track", "ticket", "passenger", "airport", "runway", "flight",
    "pilot", "visitor", "hotel", "kitchen", "cook", "lentil", "potato", "spinach", "pepper", "ginger",
    "turmeric", "salt", "bread", "oven", "bakery", "cheese", "yak", "goat", "sheep", "horse", "dog", "bird",
    "owl", "crane", "fish", "pond", "marsh", "reed", "grass", "meadow", "bee", "honey", "orchard", "apple",
    "orange", "lemon", "mango", "seed", "soil", "compost", "plough", "tractor", "labour", "wage", "union",
    "strike", "talks", "agreement", "court", "judge", "lawyer", "law", "bill", "vote", "ballot", "mayor",
    "ward", "meeting", "minutes", "record", "archive", "library", "reader", "student", "exam", "degree",
    "university", "laboratory", "chemist", "physics", "number", "theorem", "puzzle", "chess", "game", "walks",
    "opens", "closes", "builds", "mends", "grows", "falls", "rises", "turns", "crosses", "joins", "leaves",
    "finds", "shows", "tells", "asks", "answers", "counts", "weighs", "plants", "waters", "cuts", "carries",
    "sells", "buys", "lends", "saves", "spends", "teaches", "learns", "reads", "writes", "prints", "draws",
    "paints", "carves", "sings", "old", "new", "long", "short", "early", "late", "quiet", "busy", "narrow",
    "broad", "steep", "gentle", "dry", "wet", "warm", "cold", "clear", "cloudy", "northern", "southern",
    "eastern", "western", "local", "rural", "public", "private", "common", "rare", "small", "large", "first",
    "second", "last", "only", "every", "another", "between", "after", "before", "under", "above", "along",
    "across", "within", "without", "again", "always", "often", "seldom", "soon", "slowly", "quickly",
    "together", "alone", "still", "already", "almost",
];
