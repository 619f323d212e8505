//! Addresses and UUIDs, which are encoded as numbers of a fixed width.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use proptest::prelude::*;
use uuid::Uuid;

use super::Adversarial;

/// Types that sort by their bytes, and so by the number that they represent.
macro_rules! as_numbers {
    ($($Type:ty, $Int:ty, $from:expr, $bytes:expr;)*) => {$(
        impl Adversarial for $Type {
            fn values() -> BoxedStrategy<Self> {
                <$Int>::values().prop_map($from).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                $bytes(self).cmp(&$bytes(other))
            }
        }
    )*};
}

as_numbers! {
    Ipv4Addr, u32, Ipv4Addr::from_bits, Ipv4Addr::octets;
    Ipv6Addr, u128, Ipv6Addr::from_bits, Ipv6Addr::octets;
    Uuid, u128, Uuid::from_u128, Uuid::as_bytes;
}

impl Adversarial for SocketAddrV4 {
    fn values() -> BoxedStrategy<Self> {
        <(Ipv4Addr, u16)>::values().prop_map(|(ip, port)| Self::new(ip, port)).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        let parts = |socket: &Self| (socket.ip().octets(), socket.port());
        parts(self).cmp(&parts(other))
    }
}

impl Adversarial for SocketAddrV6 {
    fn values() -> BoxedStrategy<Self> {
        <(Ipv6Addr, u16, u32, u32)>::values()
            .prop_map(|(ip, port, flowinfo, scope_id)| Self::new(ip, port, flowinfo, scope_id))
            .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        let parts = |socket: &Self| {
            (socket.ip().octets(), socket.port(), socket.flowinfo(), socket.scope_id())
        };
        parts(self).cmp(&parts(other))
    }
}

macro_rules! either_version {
    ($($Address:ident, $V4:ident, $V6:ident;)*) => {$(
        impl Adversarial for $Address {
            fn values() -> BoxedStrategy<Self> {
                prop_oneof![$V4::values().prop_map(Self::V4), $V6::values().prop_map(Self::V6)]
                    .boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                match (self, other) {
                    (Self::V4(left), Self::V4(right)) => left.documented_cmp(right),
                    (Self::V6(left), Self::V6(right)) => left.documented_cmp(right),
                    (Self::V4(_), Self::V6(_)) => Ordering::Less,
                    (Self::V6(_), Self::V4(_)) => Ordering::Greater,
                }
            }
        }
    )*};
}

either_version! {
    IpAddr, Ipv4Addr, Ipv6Addr;
    SocketAddr, SocketAddrV4, SocketAddrV6;
}
