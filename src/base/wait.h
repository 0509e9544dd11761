// Waiting that a request to stop ends.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

namespace marconi::base {

/// Waits that long; returns false, at once, when a stop is requested. For loops that do something
/// again and again on a thread of their own.
bool wait_unless_stopped(std::chrono::nanoseconds duration, const std::stop_token& stop);

/// What loops are given to wait with: the above, or a test's.
using Wait = std::function<bool(std::chrono::nanoseconds, const std::stop_token&)>;

}  // namespace marconi::base
