//! Certificates as they are pasted, mounted and lost on the way.

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use super::*;

/// An authority's certificate in PEM, with its key, and in DER.
fn authority() -> (String, String, Vec<u8>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (
        certificate.pem(),
        key.serialize_pem(),
        certificate.der().to_vec(),
    )
}

fn counted(given: &[u8]) -> Result<usize, String> {
    let read = Authorities::parse("the file ca.pem", given);
    read.map(|it| it.roots().len())
        .map_err(|error| error.to_string())
}

#[test]
fn certificates_are_found_however_their_lines_are_broken_and_whatever_stands_around_them() {
    let (one, key, _) = authority();
    let (two, ..) = authority();
    let cases = [
        (one.clone(), 1),
        (format!("{one}{two}"), 2),
        (format!("{}{two}", one.trim_end()), 2),
        (one.replace('\n', "\r\n"), 1),
        (one.replace("\r\n", "\n").replace('\n', "\\n"), 1),
        (one.replace("\r\n", "\n").replace('\n', " "), 1),
        (one.replace("\r\n", "\n").replace('\n', "\n    "), 1),
        (format!("\u{feff}{one}"), 1),
        (
            format!("# Our network\nsubject=CN = ours\n{one}\n\n# Another\n{two}"),
            2,
        ),
        (format!("{key}{one}"), 1),
        (format!("{one}{key}"), 1),
    ];
    for (given, count) in cases {
        assert_eq!(counted(given.as_bytes()), Ok(count), "{given}");
        let text = Authorities::read(&given);
        assert_eq!(text.unwrap().roots().len(), count, "{given}");
    }
}

#[test]
fn what_holds_no_certificate_or_one_that_is_none_is_told_with_what_to_do() {
    let (one, key, der) = authority();
    let trusted = one.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    let body: String = one.lines().filter(|line| !line.starts_with('-')).collect();
    let cut = one.replace(&body[body.len() - 8..], "");
    let none = "the file ca.pem holds no certificate in PEM, which begins with `-----BEGIN CERTIFICATE-----`";
    for (given, says) in [
        (b"".to_vec(), none.to_owned()),
        (b"https://example.org/ca.pem".to_vec(), none.to_owned()),
        (der, format!("{none}. It is in DER")),
        (trusted.into(), format!("{none}. `openssl x509")),
        (key.clone().into(), format!("{none}. It holds a key")),
        (
            one.replace(&body[..64], "").into(),
            "certificate 1 of the file ca.pem cannot be used: ".to_owned(),
        ),
        (
            format!("{one}{BEGIN}\nAAAA\n{END}\n").into(),
            "certificate 2 of the file ca.pem cannot be used: ".to_owned(),
        ),
        (
            format!("{one}{BEGIN}\n*&^\n{END}\n").into(),
            "certificate 2 of the file ca.pem cannot be used: ".to_owned(),
        ),
        (
            cut.replace(END, "").into(),
            "certificate 1 of the file ca.pem cannot be used: ".to_owned(),
        ),
    ] {
        let said = counted(&given).unwrap_err();
        assert!(said.starts_with(&says), "{said} / {says}");
        assert!(!said.contains(&key), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_or_too_long_is_told_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let given = path.to_str().unwrap();
    let said = Authorities::read(given).unwrap_err().to_string();
    assert!(
        said.starts_with(&format!("the file {given} cannot be read; expected")),
        "{said}"
    );
    std::fs::write(&path, authority().0).unwrap();
    assert_eq!(
        Authorities::read(&format!(" {given}\n"))
            .unwrap()
            .roots()
            .len(),
        1
    );
    let long = "#".repeat(usize::try_from(MAX_BYTES).unwrap() + 1);
    std::fs::write(&path, long).unwrap();
    let said = Authorities::read(given).unwrap_err().to_string();
    assert_eq!(
        said,
        format!("the file {given} is longer than 1048576 bytes")
    );
}
