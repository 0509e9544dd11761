// Fills one queue with many messages, or a store with many queues.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "bulk.h"

namespace marconi::scale {

struct Contents {
  std::string queue;           ///< its name; of many queues, the part before the number
  std::string client;          ///< the Client-ID that posts
  std::size_t body = 1024;     ///< bytes of a message's body
  std::int64_t ttl = 1209600;  ///< seconds
  std::int64_t expire_at = 0;  ///< if not 0, the second since the epoch at which all of it expires
};

/// Posts `bulk.count` messages to one queue, `bulk.part` a post.
void fill_queue(const Bulk& bulk, const Contents& contents);

/// Posts one message to each of `bulk.count` queues, which this creates. They are named after their
/// numbers, from 0 on, in seven digits, and created in an order that looks random. `bulk.part`
/// requests are under way on a connection at a time.
void fill_queues(const Bulk& bulk, const Contents& contents);

}  // namespace marconi::scale
