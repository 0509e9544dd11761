// An observer that gets messages by their ids: such as it has just been shown, and such as may be
// gone by now.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "history/api_client.h"
#include "history/dice.h"

namespace marconi::history {

/// For one thread.
class Reader {
 public:
  Reader(ApiClient& client, Dice dice) : client_(client), dice_(dice) {}

  /// Goes on in the queue by a page and gets some of what it has seen there so far.
  void read(std::uint32_t queue);

 private:
  struct Seen {
    std::optional<Scan> scan;
    std::vector<Received> messages;  ///< kKept at most
  };

  void remember(Seen& seen, const Received& message);

  ApiClient& client_;
  Dice dice_;
  std::map<std::uint32_t, Seen> seen_;  ///< by queue
};

}  // namespace marconi::history
