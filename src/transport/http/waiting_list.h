// Things that wait, so that the longest wait can be ended first.
#pragma once

#include <list>

namespace marconi::transport::http {

/// Entries in the order in which their waits began. For the loop's thread. All operations take
/// constant time and allocate nothing.
template <class Entry>
class WaitingList {
 public:
  using iterator = std::list<Entry*>::const_iterator;

  /// An entry's place in the list, whether taken or not. Must leave before it ends.
  class Place {
   public:
    explicit Place(Entry& entry) : node_{&entry} {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    friend class WaitingList;

    [[nodiscard]] bool is_taken() const { return node_.empty(); }

    std::list<Entry*> node_;  // holds the list's element while it is not in the list
    std::list<Entry*>::iterator element_ = node_.begin();
  };

  /// The wait begins, unless it has before.
  void enter(Place& place) {
    if (!place.is_taken()) entries_.splice(entries_.end(), place.node_);
  }

  /// The wait is over, if there was one.
  void leave(Place& place) {
    if (place.is_taken()) place.node_.splice(place.node_.end(), entries_, place.element_);
  }

  [[nodiscard]] bool empty() const { return entries_.empty(); }

  // From the longest wait to the shortest.
  [[nodiscard]] iterator begin() const { return entries_.begin(); }
  [[nodiscard]] iterator end() const { return entries_.end(); }

 private:
  std::list<Entry*> entries_;
};

}  // namespace marconi::transport::http
