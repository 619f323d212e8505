//! IP and socket addresses.

use alloc::{format, vec};
use core::cmp::Ordering;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::{fixed_width, same_in_payloads};
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, StoreKey};

fixed_width! {
    Ipv4Addr, Descriptor::Ipv4, Ord::cmp, |value| value.octets(),
        |source| Ok(Self::from(source.array::<4>("an IPv4 address")?));
    Ipv6Addr, Descriptor::Ipv6, Ord::cmp, |value| value.octets(),
        |source| Ok(Self::from(source.array::<16>("an IPv6 address")?));
    SocketAddrV4, Descriptor::Tuple(vec![Descriptor::Ipv4, Descriptor::U16]), Ord::cmp,
        |value| socket_v4(value), |source| decode_socket_v4(source);
    SocketAddrV6,
        Descriptor::Tuple(vec![
            Descriptor::Ipv6,
            Descriptor::U16,
            Descriptor::Fixed(4),
            Descriptor::Fixed(4),
        ]),
        Ord::cmp, |value| socket_v6(value), |source| decode_socket_v6(source);
}

impl OrderPreserving for Ipv4Addr {}
impl OrderPreserving for Ipv6Addr {}
impl OrderPreserving for SocketAddrV4 {}
impl OrderPreserving for SocketAddrV6 {}

/// Encodes the address, and the port as a `u16`.
#[inline]
fn socket_v4(socket: SocketAddrV4) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&socket.ip().octets());
    bytes[10..].copy_from_slice(&socket.port().to_be_bytes());
    bytes
}

#[inline]
fn decode_socket_v4(source: &mut Source<'_>) -> Result<SocketAddrV4, DecodeError> {
    let ip = Ipv4Addr::decode_key(source)?;
    Ok(SocketAddrV4::new(ip, u16::decode_key(source)?))
}

/// Encodes the address, the port as a `u16`, the flow information and the scope.
#[inline]
fn socket_v6(socket: SocketAddrV6) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&socket.ip().octets());
    bytes[22..24].copy_from_slice(&socket.port().to_be_bytes());
    bytes[24..28].copy_from_slice(&socket.flowinfo().to_be_bytes());
    bytes[28..].copy_from_slice(&socket.scope_id().to_be_bytes());
    bytes
}

#[inline]
fn decode_socket_v6(source: &mut Source<'_>) -> Result<SocketAddrV6, DecodeError> {
    let ip = Ipv6Addr::decode_key(source)?;
    let port = u16::decode_key(source)?;
    let flowinfo = u32::from_be_bytes(source.array("the flow information of a socket address")?);
    let scope_id = u32::from_be_bytes(source.array("the scope id of a socket address")?);
    Ok(SocketAddrV6::new(ip, port, flowinfo, scope_id))
}

/// Implements the traits for an address of either version, which is encoded as the version's number and the address.
macro_rules! either_version {
    ($($Address:ident, $V4:ident, $V6:ident, $shape:ident;)*) => {$(
        impl KeyEncode for $Address {
            #[inline]
            fn encode_key(&self, sink: &mut Sink<'_>) {
                match self {
                    Self::V4(address) => {
                        sink.write(&[4]);
                        address.encode_key(sink);
                    }
                    Self::V6(address) => {
                        sink.write(&[6]);
                        address.encode_key(sink);
                    }
                }
            }

            #[inline]
            fn encoded_key_len(&self) -> usize {
                1 + match self {
                    Self::V4(address) => address.encoded_key_len(),
                    Self::V6(address) => address.encoded_key_len(),
                }
            }

            #[inline]
            fn key_cmp(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }

            fn describe_key(_: &mut Describer) -> Descriptor {
                Descriptor::$shape
            }
        }

        impl<'de> KeyDecode<'de> for $Address {
            #[inline]
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                let at = source.offset();
                match u8::from_be_bytes(source.array("an IP version")?) {
                    4 => $V4::decode_key(source).map(Self::V4),
                    6 => $V6::decode_key(source).map(Self::V6),
                    other => Err(unknown_version(other, at)),
                }
            }
        }

        same_in_payloads! { [] $Address; }
        impl SelfDelimiting for $Address {}
        impl StoreKey for $Address {}
        impl OrderPreserving for $Address {}
    )*};
}

either_version! {
    IpAddr, Ipv4Addr, Ipv6Addr, Ip;
    SocketAddr, SocketAddrV4, SocketAddrV6, Socket;
}

#[cold]
fn unknown_version(found: u8, at: usize) -> DecodeError {
    DecodeError::new("an IP version, 04 or 06,", format!("{found:02x}"), at)
}
