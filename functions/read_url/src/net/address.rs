//! Which addresses a page may be read at: those of the public internet, and no others.
//!
//! IPv4 is public but for what is named; IPv6 is public only where it is global unicast, less what is named. Forms of IPv6 that stand
//! for an address of IPv4 are judged as that one where networks carry them, and refused where they do not.
//! Source: the special-purpose address registries of IANA, and RFC 6052, 6890, 8190.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(first: u16, second: u16, third: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0), bits)
}

/// What of IPv4 is nobody's page.
const REFUSED_V4: [Ipv4Net; 19] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    // Looks public and answers inside Azure alone.
    v4(168, 63, 129, 16, 32),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(192, 175, 48, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// Global unicast, all that IPv6 has handed out.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// What of global unicast is nobody's page: Teredo and other protocols, documentation, 6to4, AS112.
const REFUSED_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 0, 23),
    v6(0x2001, 0xdb8, 0, 32),
    v6(0x2002, 0, 0, 16),
    v6(0x2620, 0x4f, 0x8000, 48),
    v6(0x3fff, 0, 0, 20),
];

/// A network with DNS64 names servers that have IPv4 alone so.
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);

/// Whether an address is one of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !REFUSED_V4.iter().any(|net| net.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(within) = address.to_ipv4_mapped() {
        return is_public_v4(within);
    }
    if NAT64.contains(&address) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    GLOBAL_V6.contains(&address) && !REFUSED_V6.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PUBLIC: [&str; 22] = [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.0",
        "128.0.0.1",
        "168.63.129.15",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "198.17.255.255",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001:81b::200e",
        "2003::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "3ffe::1",
    ];

    const REFUSED: [&str; 78] = [
        // This host, this network, the ends of each range.
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.0.0.53",
        "127.255.255.255",
        "169.254.0.0",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        // What clouds answer to their own machines.
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "169.254.169.253",
        "169.254.79.129",
        "169.254.0.23",
        "169.254.42.42",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        // IPv6 of one machine, one link, one site, groups, and what leads nowhere.
        "::",
        "::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "feff::1",
        "fc00::1",
        "fdff:ffff::1",
        "ff02::1",
        "ff05::2",
        "100::1",
        "100:0:0:1::1",
        "5f00::1",
        "4000::1",
        "1fff::1",
        "2001:db8::1",
        "3fff::1",
        "2620:4f:8000::1",
        // IPv4 within IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP, ORCHID, benchmarking.
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
        "::127.0.0.1",
        "::169.254.169.254",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "2002:7f00:1::",
        "2002:808:808::",
        "2001::1",
        "2001:0:7f00:1::80ff:fefe",
        "::5efe:10.0.0.1",
        "2001:10::1",
        "2001:2::1",
    ];

    #[test]
    fn each_address_is_public_or_refused() {
        for (addresses, expected) in [(&PUBLIC[..], true), (&REFUSED[..], false)] {
            for written in addresses {
                let address = written.parse().unwrap();
                assert_eq!(is_public(address), expected, "{written}");
            }
        }
    }

    proptest! {
        #[test]
        fn an_address_of_ipv4_is_judged_the_same_where_ipv6_carries_it(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let [a, b, c, d] = address.octets();
            let pairs = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
            let within = |start: [u16; 6]| {
                let [p, q, r, s, t, u] = start;
                IpAddr::from([p, q, r, s, t, u, pairs[0], pairs[1]])
            };
            let is_public_v4 = is_public(IpAddr::V4(address));
            prop_assert_eq!(is_public(within([0, 0, 0, 0, 0, 0xffff])), is_public_v4);
            prop_assert_eq!(is_public(within([0x64, 0xff9b, 0, 0, 0, 0])), is_public_v4);
            prop_assert!(!is_public(within([0; 6])), "compatible");
            prop_assert!(!is_public(IpAddr::from([0x2002, pairs[0], pairs[1], 0, 0, 0, 0, 1])), "6to4");
        }

        #[test]
        fn what_the_standard_library_calls_private_is_refused(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let is_special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_unspecified() || address.is_documentation();
            prop_assert!(!(is_special && is_public(IpAddr::V4(address))));
        }
    }
}
