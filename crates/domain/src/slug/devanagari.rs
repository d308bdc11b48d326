//! Devanagari in Latin letters, as Nepali newspapers tend to write it in URLs.
//!
//! The letters follow the Hunterian system without its diacritics: long and short vowels alike
//! (`a i u`), च `ch`, छ `chh`, श and ष `sh`, retroflexes like dentals, क्ष `ksh`, ज्ञ `gy`. Anusvara is
//! `m` before p, ph, b, bh and m, `ng` before a bare ह (सिंह `singh`), else `n`; chandrabindu is `n`;
//! visarga is `h` at a word's end and silent within; व is `w` after another consonant than र (विश्व
//! `vishwa`), else `v`. Other than there, ड़ and ढ़ are `d` and `dh` (`sadak`).
//!
//! Where the unwritten vowel अ falls silent depends on words that only a dictionary knows; these
//! rules fit most:
//!
//! - at the end of a word it is dropped (नेपाल `nepal`), but kept after a conjunct (राष्ट्र `rashtra`),
//!   in one-syllable words (र `ra`), in verbs in छ (`chha`), after य (समय `samaya`), and in a few
//!   common particles. Conjuncts that only loan words have (पोस्ट `post`), and ञ्च, ञ्ज (गञ्ज `ganj`),
//!   drop it;
//! - inside a word it is dropped between a vowel and a lone consonant with a written vowel that is
//!   not the word's last (काठमाडौं `kathmadaun`, सरकार `sarkar`; but पोखरा `pokhara`), and after a long
//!   vowel also before one without (लोकतन्त्र `loktantra`; but मानवता `manavata`);
//! - a postposition written together with its word counts as a word of its own (नेपालको `nepalko`).

use any_ascii::any_ascii_char;

const NUKTA: char = '\u{93C}';
const VIRAMA: char = '\u{94D}';

/// Written together with the word before them.
const POSTPOSITIONS: [&str; 14] = [
    "को",
    "का",
    "की",
    "ले",
    "लाई",
    "मा",
    "बाट",
    "सँग",
    "तिर",
    "हरू",
    "हरु",
    "देखि",
    "सम्म",
    "सित",
];

/// Particles that keep the vowel at their end.
const PARTICLES: [&str; 9] = ["अब", "जब", "तब", "तर", "किन", "बाट", "सँग", "तिर", "भर"];

/// Whether a character belongs to a word in Devanagari: letters, signs and digits, not the dandas.
pub(super) fn is_word_character(character: char) -> bool {
    matches!(character, '\u{900}'..='\u{963}' | '\u{966}'..='\u{96F}' | '\u{971}'..='\u{97F}')
}

/// Writes a word of Devanagari, in normal form C and without joiners, in lowercase letters and digits.
pub(super) fn romanise(word: &[char]) -> String {
    let mut romanised = String::with_capacity(word.len() * 2);
    let mut rest = word;
    while let Some(&first) = rest.first() {
        if let Some(digit) = digit(first) {
            romanised.push(digit);
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let length = rest
            .iter()
            .take_while(|character| digit(**character).is_none())
            .count();
        let (letters, after) = rest.split_at(length);
        for part in split_postpositions(letters) {
            romanise_part(part, &mut romanised);
        }
        rest = after;
    }
    romanised
}

fn digit(character: char) -> Option<char> {
    let value = u32::from(character).checked_sub(0x966)?;
    char::from_digit(value, 10)
}

/// The word's stem and its postpositions, in their order.
fn split_postpositions(word: &[char]) -> Vec<&[char]> {
    let mut parts = Vec::new();
    let mut stem = word;
    while let Some((shorter, postposition)) = POSTPOSITIONS
        .iter()
        .find_map(|postposition| split_ending(stem, postposition))
    {
        parts.push(postposition);
        stem = shorter;
    }
    parts.push(stem);
    parts.reverse();
    parts
}

fn split_ending<'word>(
    word: &'word [char],
    ending: &str,
) -> Option<(&'word [char], &'word [char])> {
    let at = word.len().checked_sub(ending.chars().count())?;
    let (stem, tail) = word.split_at(at);
    let ends = tail.iter().copied().eq(ending.chars());
    // After a virama the ending's first letter belongs to a conjunct: आत्मा.
    (ends && stem.len() >= 2 && stem.last() != Some(&VIRAMA)).then_some((stem, tail))
}

fn romanise_part(part: &[char], romanised: &mut String) {
    let mut syllables = syllables(part);
    if !PARTICLES
        .iter()
        .any(|particle| part.iter().copied().eq(particle.chars()))
    {
        drop_final_vowel(&mut syllables);
    }
    drop_inner_vowels(&mut syllables);
    for (index, syllable) in syllables.iter().enumerate() {
        syllable.write(syllables.get(index + 1), romanised);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Vowel {
    /// The अ that a consonant has without being written.
    Unwritten,
    Written(&'static str),
    /// Taken away by a virama, or silent.
    None,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coda {
    Anusvara,
    Chandrabindu,
    Visarga,
}

/// A consonant or conjunct, its vowel, and what sounds after the vowel. As in the script, the
/// consonants between two vowels all belong to the second.
struct Syllable {
    /// Without nuktas.
    consonants: Vec<char>,
    onset: String,
    vowel: Vowel,
    long: bool,
    coda: Option<Coda>,
}

impl Syllable {
    fn is_conjunct(&self) -> bool {
        self.consonants.len() > 1
    }

    fn write(&self, next: Option<&Self>, romanised: &mut String) {
        romanised.push_str(&self.onset);
        match self.vowel {
            Vowel::Unwritten => romanised.push('a'),
            Vowel::Written(vowel) => romanised.push_str(vowel),
            Vowel::None => {}
        }
        romanised.push_str(match (self.coda, next) {
            (None, _) | (Some(Coda::Visarga), Some(_)) => "",
            (Some(Coda::Visarga), None) => "h",
            (Some(Coda::Anusvara), Some(next)) => match (next.consonants.as_slice(), next.vowel) {
                (['प' | 'फ' | 'ब' | 'भ' | 'म', ..], _) => "m",
                (['ह'], Vowel::Unwritten | Vowel::None) => "ng",
                _ => "n",
            },
            (Some(_), _) => "n",
        });
    }
}

fn syllables(part: &[char]) -> Vec<Syllable> {
    let mut syllables: Vec<Syllable> = Vec::new();
    let mut rest = part;
    while let Some((&character, after)) = rest.split_first() {
        rest = after;
        let coda = match character {
            '\u{900}' | '\u{901}' => Some(Coda::Chandrabindu),
            '\u{902}' => Some(Coda::Anusvara),
            '\u{903}' => Some(Coda::Visarga),
            _ => None,
        };
        if coda.is_some() {
            if let Some(last) = syllables.last_mut() {
                last.coda = coda;
            }
        } else if consonant(character, false).is_some() {
            let (syllable, after) = read_consonants(character, after);
            syllables.push(syllable);
            rest = after;
        } else if let Some((vowel, long)) = vowel(character) {
            syllables.push(Syllable {
                consonants: Vec::new(),
                onset: String::new(),
                vowel: Vowel::Written(vowel),
                long,
                coda: None,
            });
        }
        // What is left is silent: a stray virama or nukta, the avagraha, accents.
    }
    syllables
}

/// Reads on from a syllable's first consonant to its vowel.
fn read_consonants(first: char, after: &[char]) -> (Syllable, &[char]) {
    let mut syllable = Syllable {
        consonants: Vec::new(),
        onset: String::new(),
        vowel: Vowel::Unwritten,
        long: false,
        coda: None,
    };
    let mut letter = first;
    let mut rest = after;
    loop {
        let nukta = rest.first() == Some(&NUKTA);
        if nukta {
            rest = rest.get(1..).unwrap_or_default();
        }
        let previous = syllable.consonants.last().copied();
        let next = match rest {
            [VIRAMA, next, ..] if consonant(*next, false).is_some() => Some(*next),
            _ => None,
        };
        syllable.onset.push_str(match (previous, letter, next) {
            (_, 'ज', Some('ञ')) => "g",
            (Some('ज'), 'ञ', _) => "y",
            (_, 'ङ', Some('क' | 'ख' | 'ग' | 'घ')) | (_, 'ञ', Some(_)) => "n",
            (Some(previous), 'व', _) if previous != 'र' => "w",
            _ => consonant(letter, nukta).unwrap_or_default(),
        });
        syllable.consonants.push(letter);
        let Some(next) = next else { break };
        letter = next;
        rest = rest.get(2..).unwrap_or_default();
    }
    if let [sign, after @ ..] = rest {
        if *sign == VIRAMA {
            syllable.vowel = Vowel::None;
            rest = after;
        } else if let Some((vowel, long)) = vowel_sign(*sign) {
            syllable.vowel = Vowel::Written(vowel);
            syllable.long = long;
            rest = after;
        }
    }
    (syllable, rest)
}

fn drop_final_vowel(syllables: &mut [Syllable]) {
    let [.., _, last] = syllables else { return };
    if last.vowel != Vowel::Unwritten || last.coda.is_some() {
        return;
    }
    let silent = match last.consonants.as_slice() {
        // Inherited words have ष्ट and ण्ड; with another letter before it is English.
        ['छ' | 'य'] | [.., 'ट' | 'ठ' | 'ड' | 'ष' | 'ण', 'ट' | 'ड'] => false,
        ['ञ', 'च' | 'ज'] | ['ल', 'म'] | [.., _, 'ट' | 'ड'] => true,
        consonants => consonants.len() == 1,
    };
    if silent {
        last.vowel = Vowel::None;
    }
}

/// From the right, so that of two in a row the second falls silent: जनकपुर is `janakpur`.
fn drop_inner_vowels(syllables: &mut [Syllable]) {
    for index in (0..syllables.len()).rev() {
        let Some([previous, here, next, following @ ..]) = syllables.get_mut(index..) else {
            continue;
        };
        let droppable = here.vowel == Vowel::Unwritten
            && here.coda.is_none()
            && !here.is_conjunct()
            && previous.vowel != Vowel::None
            && next.consonants.len() == 1;
        let Some((after_next, others)) = following.split_first() else {
            continue;
        };
        let silent = match next.vowel {
            Vowel::Written(_) => true,
            Vowel::Unwritten => {
                previous.long
                    && (after_next.vowel == Vowel::None
                        || after_next.is_conjunct()
                        || !others.is_empty())
            }
            Vowel::None => false,
        };
        if droppable && silent {
            here.vowel = Vowel::None;
        }
    }
}

fn consonant(letter: char, nukta: bool) -> Option<&'static str> {
    Some(match letter {
        'क' if nukta => "q",
        'ग' if nukta => "gh",
        'ज' if nukta => "z",
        'फ' if nukta => "f",
        'क' => "k",
        'ख' => "kh",
        'ग' | 'ॻ' => "g",
        'घ' => "gh",
        'ङ' => "ng",
        'च' => "ch",
        'छ' => "chh",
        'ज' | 'ॼ' => "j",
        'झ' => "jh",
        'ञ' => "ny",
        'ट' | 'त' => "t",
        'ठ' | 'थ' => "th",
        'ड' | 'द' | 'ॾ' => "d",
        'ढ' | 'ध' => "dh",
        'ण' | 'न' | '\u{929}' => "n",
        'प' => "p",
        'फ' => "ph",
        'ब' | 'ॿ' => "b",
        'भ' => "bh",
        'म' => "m",
        'य' => "y",
        'र' | '\u{931}' => "r",
        'ल' | 'ळ' | '\u{934}' => "l",
        'व' => "v",
        'श' | 'ष' => "sh",
        'स' => "s",
        'ह' => "h",
        _ => return None,
    })
}

/// A vowel that stands for itself, or a sign without its consonant, and whether it is long.
fn vowel(character: char) -> Option<(&'static str, bool)> {
    Some(match character {
        'अ' => ("a", false),
        'आ' => ("a", true),
        'इ' => ("i", false),
        'ई' => ("i", true),
        'उ' => ("u", false),
        'ऊ' => ("u", true),
        'ऋ' => ("ri", false),
        'ॠ' => ("ri", true),
        'ऌ' => ("lri", false),
        'ऍ' | 'ऎ' | 'ए' => ("e", true),
        'ऐ' => ("ai", true),
        'ऑ' | 'ऒ' | 'ओ' => ("o", true),
        'औ' => ("au", true),
        'ॐ' => ("om", true),
        _ => return vowel_sign(character).or_else(|| rare_vowel(character)),
    })
}

fn vowel_sign(character: char) -> Option<(&'static str, bool)> {
    Some(match character {
        '\u{93E}' => ("a", true),
        '\u{93F}' => ("i", false),
        '\u{940}' => ("i", true),
        '\u{941}' => ("u", false),
        '\u{942}' => ("u", true),
        '\u{943}' => ("ri", false),
        '\u{944}' => ("ri", true),
        '\u{962}' => ("lri", false),
        '\u{945}'..='\u{947}' => ("e", true),
        '\u{948}' => ("ai", true),
        '\u{949}'..='\u{94B}' => ("o", true),
        '\u{94C}' => ("au", true),
        _ => return None,
    })
}

/// Letters of other languages than Nepali and Hindi.
fn rare_vowel(character: char) -> Option<(&'static str, bool)> {
    let romanised = any_ascii_char(character);
    let written = !romanised.is_empty() && romanised.bytes().all(|byte| byte.is_ascii_lowercase());
    written.then_some((romanised, true))
}
