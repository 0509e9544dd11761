// Times single requests, one after the other over one connection.

#pragma once

#include <cstdint>
#include <istream>

namespace marconi::scale {

/// Sends the requests that `script` has, one a line, and prints a line for each answer to a timed
/// one: the status, the nanoseconds from sending to the complete answer, and the bytes of its body.
/// A line is `timed`, `shown` (timed, and the body is printed as well) or `aside`, method, target,
/// Client-ID and JSON body or nothing, with tabs between. `{location}` as the target is the path
/// that the last answer with a Location named. seconds: if not 0, starts over until that time has
/// passed, and lines of the output begin with the seconds since the epoch at which the answer came.
void probe(std::uint16_t port, std::istream& script, double seconds);

}  // namespace marconi::scale
