#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise and says aloud what it skips"
)]

use std::path::Path;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

#[track_caller]
fn assert_slugs(expected: &[(&str, &str)]) {
    let wrong: Vec<_> = expected
        .iter()
        .map(|(title, slug)| (*title, Slug::from_title(title), *slug))
        .filter(|(_, actual, slug)| actual.as_str() != *slug)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn latin_titles() {
    assert_slugs(&[
        (
            "Ministers Set To Sign River Accord",
            "ministers-set-to-sign-river-accord",
        ),
        (
            "Nepal's Hills, After the Rain",
            "nepals-hills-after-the-rain",
        ),
        ("Nepal’s ‘quiet’ year", "nepals-quiet-year"),
        (
            "Tea & Cardamom: What’s Next?",
            "tea-and-cardamom-whats-next",
        ),
        ("Rice up 3.5% -- again", "rice-up-3-5-percent-again"),
        ("1,00,000 seats; 12,500 cooks", "100000-seats-12500-cooks"),
        (
            "U.S., U.K. and K.P. Sharma at 5 p.m.",
            "us-uk-and-kp-sharma-at-5-pm",
        ),
        ("visit example.org", "visit-example-org"),
        ("$500 million, €20, ₹9", "500-million-20-9"),
        ("C++ @ 40", "c-plus-plus-at-40"),
        ("Brand™ (again) / №7", "brand-again-no7"),
        (
            "Crème brûlée in Łódź, Straße 5",
            "creme-brulee-in-lodz-strasse-5",
        ),
        ("  —  spaced — out…  ", "spaced-out"),
        ("İSTANBUL ﬁlm ＡＢＣ", "istanbul-film-abc"),
        ("tabs\tand\nlines\u{2028}here", "tabs-and-lines-here"),
        ("co\u{AD}operate zero\u{200D}width", "cooperate-zerowidth"),
    ]);
}

#[test]
fn other_scripts() {
    assert_slugs(&[
        ("Москва щедрый", "moskva-shchedryy"),
        ("Αθήνα", "athina"),
        ("北京 2024年", "bei-jing-2024-nian"),
        ("トヨタ", "toyota"),
        ("ঢাকা", "dhaka"),
        ("עברית", "vryt"),
        ("서울 news", "seoul-news"),
        ("नेपाल–China व्यापार", "nepal-china-vyapar"),
        ("Covid-१९ र हामी", "covid-19-ra-hami"),
    ]);
}

#[test]
fn devanagari_letters_and_signs() {
    assert_slugs(&[
        ("नेपाल", "nepal"),
        ("काठमाडौं", "kathmadaun"),
        ("संविधान", "sanvidhan"),
        ("सम्बन्ध", "sambandha"),
        ("संपादक", "sampadak"),
        ("सिंह", "singh"),
        ("संहिता", "sanhita"),
        ("गाउँ", "gaun"),
        ("चाँद", "chand"),
        ("पुनः", "punah"),
        ("अन्तःकरण", "antakaran"),
        ("क्षेत्र", "kshetra"),
        ("ज्ञान", "gyan"),
        ("विज्ञान", "vigyan"),
        ("त्रिभुवन", "tribhuvan"),
        ("श्रेष्ठ", "shreshtha"),
        ("राष्ट्रिय", "rashtriya"),
        ("विश्व", "vishwa"),
        ("पूर्व", "purva"),
        ("स्वास्थ्य", "swasthya"),
        ("लिङ्ग", "linga"),
        ("मोरङ", "morang"),
        ("कृषि", "krishi"),
        ("ऋण", "rin"),
        ("औषधि", "aushadhi"),
        ("सड़क", "sadak"),
        ("क़ानून", "qanun"),
        ("ग़ज़ल", "ghazal"),
        ("फ़िल्म", "film"),
        ("२०८१ जेठ ३२", "2081-jeth-32"),
        ("१२औं", "12aun"),
        ("ॐ शान्ति", "om-shanti"),
        ("सोऽहम्", "soham"),
    ]);
}

#[test]
fn the_unwritten_vowel_is_silent_where_nepali_drops_it() {
    assert_slugs(&[
        ("सरकार", "sarkar"),
        ("समाचार", "samachar"),
        ("पोखरा", "pokhara"),
        ("जनता", "janata"),
        ("सहमति", "sahamati"),
        ("मानवता", "manavata"),
        ("गणतन्त्र", "ganatantra"),
        ("लोकतन्त्र", "loktantra"),
        ("जनकपुर", "janakpur"),
        ("भरतपुर", "bharatpur"),
        ("नेपालगञ्ज", "nepalganj"),
        ("सगरमाथा", "sagarmatha"),
        ("सुदूरपश्चिम", "sudurpashchim"),
        ("विराटनगर", "viratnagar"),
        ("प्रधानमन्त्री", "pradhanmantri"),
        ("मन्त्रालय", "mantralaya"),
        ("आन्दोलन", "andolan"),
        ("निर्वाचन", "nirvachan"),
        ("मञ्च", "manch"),
        ("रिपोर्ट", "riport"),
        ("पोस्ट", "post"),
        ("कष्ट", "kashta"),
        ("र", "ra"),
        ("छ", "chha"),
        ("गर्दछ", "gardachha"),
        ("हुन्", "hun"),
        ("तर", "tara"),
    ]);
}

#[test]
fn postpositions_count_as_words_of_their_own() {
    assert_slugs(&[
        ("नेपालको", "nepalko"),
        ("नेपालमा", "nepalma"),
        ("सरकारले", "sarkarle"),
        ("मानवहरूलाई", "manavharulai"),
        ("घरबाट", "gharbata"),
        ("काठमाडौंमा", "kathmadaunma"),
        ("आत्मा", "atma"),
        ("पहाडमा वर्षा, तराईमा घाम", "pahadma-varsha-taraima-gham"),
    ]);
}

#[test]
fn joiners_are_ignored() {
    assert_eq!(
        Slug::from_title("पुर्\u{200D}याइएको"),
        Slug::from_title("पुर्याइएको")
    );
    assert_eq!(Slug::from_title("रु\u{200C}पैयाँ"), Slug::from_title("रुपैयाँ"));
}

#[test]
fn nothing_usable_is_untitled() {
    assert_slugs(&[
        ("", "untitled"),
        (" \t\n", "untitled"),
        ("?!… —", "untitled"),
        ("'", "untitled"),
        ("।॥", "untitled"),
        ("\u{94D}\u{93C}\u{902}", "untitled"),
        ("\u{301}\u{200D}\u{E000}", "untitled"),
    ]);
}

#[test]
fn long_titles_are_cut_between_words() {
    let slug = Slug::from_title(&"terrace ".repeat(40));
    assert_eq!(slug.as_str(), ["terrace"; 15].join("-"));

    let fits = format!("{}-{}", "a".repeat(60), "b".repeat(59));
    assert_eq!(Slug::from_title(&format!("{fits} more")).as_str(), fits);
    assert_eq!(
        Slug::from_title(&format!("{fits}b more")).as_str(),
        "a".repeat(60)
    );

    assert_eq!(Slug::from_title(&"x".repeat(500)).as_str(), "x".repeat(120));
    assert_eq!(
        Slug::from_title(&format!("an {}", "x".repeat(500))).as_str(),
        format!("an-{}", "x".repeat(117))
    );
}

#[test]
fn parsing_takes_slugs_and_nothing_else() {
    for text in ["a", "7", "river-accord-2", &"x".repeat(200)] {
        assert_eq!(Slug::parse(text).unwrap().as_str(), text);
    }
    for (text, error) in [
        ("", SlugError::Empty),
        (&*"x".repeat(201), SlugError::TooLong { length: 201 }),
        ("River", SlugError::Character { character: 'R' }),
        ("a b", SlugError::Character { character: ' ' }),
        ("नेपाल", SlugError::Character { character: 'न' }),
        ("a/../b", SlugError::Character { character: '/' }),
        ("-a", SlugError::Hyphen),
        ("a-", SlugError::Hyphen),
        ("a--b", SlugError::Hyphen),
        ("-", SlugError::Hyphen),
    ] {
        assert_eq!(Slug::parse(text), Err(error), "{text}");
    }
}

#[test]
fn numbers_go_behind_and_the_whole_fits() {
    assert_eq!(
        Slug::parse("floods").unwrap().with_number(2).as_str(),
        "floods-2"
    );
    let long = Slug::parse(&"x".repeat(200)).unwrap().with_number(u32::MAX);
    assert_eq!(long.as_str(), format!("{}-4294967295", "x".repeat(189)));
    let hyphen_at_the_cut = Slug::parse(&format!("{}-y", "x".repeat(197))).unwrap();
    assert_eq!(
        hyphen_at_the_cut.with_number(2).as_str(),
        format!("{}-2", "x".repeat(197))
    );
}

#[test]
fn serialised_as_a_string_and_checked_on_the_way_in() {
    let slug = Slug::parse("river-accord").unwrap();
    assert_eq!(serde_json::to_string(&slug).unwrap(), "\"river-accord\"");
    assert_eq!(
        serde_json::from_str::<Slug>("\"river-accord\"").unwrap(),
        slug
    );
    assert!(serde_json::from_str::<Slug>("\"River Accord\"").is_err());
}

#[test]
fn sentences_of_five_languages_have_slugs_that_do_not_depend_on_the_normal_form() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/nepali/udhr_sentences.jsonl");
    let lines = match std::fs::read_to_string(&path) {
        Ok(lines) => lines,
        Err(error) => {
            println!("SKIPPED: {} is not there to read: {error}", path.display());
            return;
        }
    };
    let mut read = 0;
    for line in lines.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let sentence = record["text"].as_str().unwrap();
        let slug = Slug::from_title(sentence);
        // One of them is a lone mark, which has no sound of its own.
        if sentence.chars().count() > 1 {
            assert_ne!(slug.as_str(), "untitled", "{sentence}");
        }
        assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
        assert_eq!(Slug::from_title(&sentence.nfd().collect::<String>()), slug);
        assert_eq!(Slug::from_title(&sentence.nfc().collect::<String>()), slug);
        for word in sentence.split_whitespace() {
            if word
                .chars()
                .filter(|letter| letter.is_alphanumeric())
                .count()
                > 1
            {
                assert_ne!(Slug::from_title(word).as_str(), "untitled", "{word}");
            }
        }
        read += 1;
    }
    assert_eq!(read, 359);
}

/// Titles of any characters, of Devanagari alone, and of a mixture that newspapers use.
fn titles() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\u{900}-\u{97F}\u{200C}\u{200D} ]{0,60}",
        "[a-zA-Z0-9 .,'’&%+@-]{0,200}",
    ]
}

proptest! {
    #[test]
    fn every_title_has_a_slug(title in titles()) {
        let slug = Slug::from_title(&title);
        prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
        prop_assert!(slug.as_str().len() <= 120);
    }

    #[test]
    fn the_normal_form_makes_no_difference(title in titles()) {
        let decomposed: String = title.nfd().collect();
        prop_assert_eq!(Slug::from_title(&decomposed), Slug::from_title(&title));
    }

    #[test]
    fn a_slug_is_its_own_slug(text in "[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,8}") {
        let slug = Slug::from_title(&text);
        prop_assert_eq!(slug.as_str(), text.as_str());
    }

    #[test]
    fn a_numbered_slug_is_a_slug(text in "[a-z0-9]{1,30}(-[a-z0-9]{1,20}){0,8}", number: u32) {
        if let Ok(slug) = Slug::parse(&text) {
            let numbered = slug.with_number(number);
            prop_assert_eq!(Slug::parse(numbered.as_str()), Ok(numbered.clone()));
            let ending = format!("-{number}");
            prop_assert!(numbered.as_str().ends_with(&ending));
        }
    }
}
