// What was claimed lately: whoever claims a message mostly deletes it soon, and need not read it
// from the database then.
#pragma once

#include <cstddef>
#include <list>
#include <map>

#include "storage/embedded/stored_message.h"

namespace marconi::storage::embedded {

/// The numbers of messages of one queue that have a mark of a claim. Not thread-safe.
class ClaimedMessages {
 public:
  /// Keeps the numbers of a message in its present state, and if it has a great many, gives up
  /// those of the message that was put longest ago.
  void put(const StoredMessage& message);

  /// To be called before a message changes otherwise or goes.
  void erase(MarkerNumber marker);
  void clear();

  /// Null if it is not known, which does not mean that the message is not claimed. Valid until
  /// the next change.
  [[nodiscard]] const StoredMessage* find(MarkerNumber marker) const;

  /// About how many bytes it takes.
  [[nodiscard]] std::size_t memory() const;

 private:
  struct Entry {
    StoredMessage numbers;
    std::list<MarkerNumber>::iterator place;  ///< in the order
  };

  std::map<MarkerNumber, Entry> messages_;
  std::list<MarkerNumber> order_;  // the one put last at the end
};

}  // namespace marconi::storage::embedded
