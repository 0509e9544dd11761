// What the HTTP server counts.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace marconi::transport::http {

enum class Count : std::size_t {
  connections_accepted,
  connections_active,  ///< the only one that goes down again
  connections_refused_total_limit,
  connections_refused_peer_limit,
  accept_errors,
  // Every accepted connection is active, or counted under one of these five.
  connections_ended_by_client,     ///< closed, reset, or left in the middle of something
  connections_ended_after_answer,  ///< the answer said `Connection: close`
  connections_ended_by_timeout,    ///< without an answer that would have said so
  connections_ended_for_room,      ///< had waited longest for its client when another needed room
  connections_ended_by_stop,       ///< the server stops
  requests,
  requests_in_line,  ///< of these, those that waited for their clients' turns
  responses_2xx,
  responses_3xx,
  responses_4xx,
  responses_5xx,
  bytes_received,
  bytes_sent,
  refused_bad_request,  ///< malformed request line, header field or target
  refused_bad_content_length,
  refused_bad_framing,  ///< conflicting lengths, transfer codings, chunks
  refused_bad_host,
  refused_version,
  refused_expectation,
  refused_header_too_large,
  refused_target_too_long,
  refused_incomplete,  ///< the client stopped sending in the middle of a request
  bodies_too_large,
  timeouts_header,
  timeouts_body,
  timeouts_idle,
  timeouts_write,
  answers_held_back,  ///< had to wait for a commit
  commit_failures,    ///< answers replaced because their commit failed
  handled_by_workers,
  overloads,          ///< answered 503 because the worker pool was full
  refused_no_memory,  ///< answered 503 because too much was buffered
  kSize,
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Count::kSize)> kCountNames =
    {
        "connections_accepted",
        "connections_active",
        "connections_refused_total_limit",
        "connections_refused_peer_limit",
        "accept_errors",
        "connections_ended_by_client",
        "connections_ended_after_answer",
        "connections_ended_by_timeout",
        "connections_ended_for_room",
        "connections_ended_by_stop",
        "requests",
        "requests_in_line",
        "responses_2xx",
        "responses_3xx",
        "responses_4xx",
        "responses_5xx",
        "bytes_received",
        "bytes_sent",
        "refused_bad_request",
        "refused_bad_content_length",
        "refused_bad_framing",
        "refused_bad_host",
        "refused_version",
        "refused_expectation",
        "refused_header_too_large",
        "refused_target_too_long",
        "refused_incomplete",
        "bodies_too_large",
        "timeouts_header",
        "timeouts_body",
        "timeouts_idle",
        "timeouts_write",
        "answers_held_back",
        "commit_failures",
        "handled_by_workers",
        "overloads",
        "refused_no_memory",
};

/// The counts of one event loop: written by its thread alone, read by any.
class alignas(64) Counters {
 public:
  void add(Count count, std::uint64_t amount = 1) {
    auto& value = at(count);  // a single writer needs no atomic addition
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract_one(Count count) { add(count, ~std::uint64_t{0}); }

  [[nodiscard]] std::uint64_t value(Count count) const {
    return values_[static_cast<std::size_t>(count)].load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t>& at(Count count) { return values_[static_cast<std::size_t>(count)]; }

  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Count::kSize)> values_{};
};

/// All counts of a server at about one moment, by name, in the order of `Count`; then, as
/// `buffered_bytes`, what its memory budget has in use.
using CounterSnapshot = std::vector<std::pair<std::string_view, std::uint64_t>>;

}  // namespace marconi::transport::http
