//! What a feature's name says in words that a reader can check against the sentence. Many names say one thing: their
//! contributions may be added up under one reason.

/// The reason that the feature `name` stands for; the name itself if it is of no family known here.
#[must_use]
pub fn reason(name: &str) -> String {
    let Some((kind, rest)) = name.split_once(':') else { return name.to_owned() };
    if kind == "issue-word" {
        return format!("the issue is named “{rest}”");
    }
    let (family, detail) = rest.split_once(':').unwrap_or((rest, ""));
    let (sign, family) = split_sign(family);
    // "p:accuse|subj>obj": the side of the path and the roles are the grammar's.
    let told = detail.split('|').next().unwrap_or_default();
    let told = told.strip_prefix("p:").or(told.strip_prefix("t:")).or(told.strip_prefix("h:")).unwrap_or(told);
    match family {
        "polarities" | "nearest" | "usual" | "kid-usual" => usual(told),
        "cue" => format!("the cue {}", quoted("", told)),
        "class" | "kid-class" | "elsewhere" => format!("a cue like {}", quoted("", last(told))),
        "word" | "between-ht" | "between-th" | "before-target" | "after-target" | "root" | "kid" | "with" | "t"
        | "p" | "h" => words(sign, last(told)),
        "shape" | "frame" | "closest" | "length" | "distance" | "subject" => "who does it to whom".to_owned(),
        "directed" => "whom it is aimed at".to_owned(),
        "holder" | "target" | "pair" | "speaks" | "holder-listed" | "target-listed" => {
            "how the two are named".to_owned()
        }
        "modality" | "nested" | "mixed" | "no-cue" => "how firmly it is said".to_owned(),
        "issue-given" | "issue-words" | "issue-of" | "issue-parties" => {
            "how much of the given issue is named".to_owned()
        }
        _ => name.to_owned(),
    }
}

/// What cues usually carry: "opposed>aligned" is opposition to support.
fn usual(stances: &str) -> String {
    let stances = stances.split('.').next().unwrap_or_default();
    if stances.is_empty() {
        return "no cue ties them".to_owned();
    }
    let plain = |stance: &str| {
        let (sign, stance) = split_sign(stance);
        let noun = match stance {
            "aligned" => "support",
            "opposed" => "opposition",
            "neutral" => "neutrality",
            other => other,
        };
        format!("{sign}{noun}")
    };
    let chain: Vec<String> = stances.split('>').map(plain).collect();
    format!("a cue of {}", chain.join(" to "))
}

/// The last part of a detail such as `prep:against_PARTY`, without the form of a cue.
fn last(detail: &str) -> &str {
    let last = detail.rsplit(':').next().unwrap_or(detail);
    last.split('.').next().filter(|word| !word.is_empty()).unwrap_or(last)
}

fn words(sign: &str, words: &str) -> String {
    let number = if words.contains(['_', '+']) { "words" } else { "word" };
    format!("the {number} {}", quoted(sign, words))
}

/// The words between quotation marks, the masks of parties spelt out.
fn quoted(sign: &str, words: &str) -> String {
    let (own, words) = split_sign(words);
    let sign = if sign.is_empty() { own } else { sign };
    let spelt = words.split(['_', '+']).map(|word| match word {
        "HOLDER" => "[holder]",
        "TARGET" => "[target]",
        "PARTY" => "[another party]",
        "PERSON" => "[person]",
        "NAME" => "[name]",
        "NUMBER" => "[number]",
        other => other,
    });
    format!("{sign}“{}”", spelt.collect::<Vec<_>>().join(" "))
}

/// The sign that a negation or a reversal gives, in words, and the rest.
fn split_sign(words: &str) -> (&'static str, &str) {
    match (words.strip_prefix("not-"), words.strip_prefix("un-")) {
        (Some(rest), _) => ("negated ", rest),
        (None, Some(rest)) => ("taken back ", rest),
        (None, None) => ("", words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_in_words() {
        let cases = [
            ("p:polarities:opposed|subj|state", "a cue of opposition"),
            ("p:usual:t:not-aligned.noun|subj>obj", "a cue of negated support"),
            ("p:polarities:opposed>aligned", "a cue of opposition to support"),
            ("p:polarities:|subj", "no cue ties them"),
            ("p:cue:accuse|subj>obj", "the cue “accuse”"),
            ("p2:class:t:un-support.noun|poss>prep:for", "a cue like taken back “support”"),
            ("p:not-word:support", "the word negated “support”"),
            ("p:between-ht:HOLDER_accuse", "the words “[holder] accuse”"),
            ("i:kid:p:prep:against_PARTY", "the words “against [another party]”"),
            ("p:shape:subj|obj", "who does it to whom"),
            ("p:pair:state>act", "how the two are named"),
            ("issue-word:conflict", "the issue is named “conflict”"),
            ("i:issue-words:2|opposed", "how much of the given issue is named"),
            ("unheard", "unheard"),
        ];
        for (name, want) in cases {
            assert_eq!(reason(name), want, "{name}");
        }
    }
}
