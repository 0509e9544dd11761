// The connections of a loop that wait for their clients, so that the longest wait can be ended
// when others need the place.
#pragma once

#include <list>

namespace marconi::transport::http {

class Session;

/// Sessions in the order in which their waits began. For the loop's thread. All operations take
/// constant time and allocate nothing.
class WaitingList {
 public:
  using iterator = std::list<Session*>::const_iterator;

  /// A session's place in the list, whether taken or not. Must leave before it ends.
  class Place {
   public:
    explicit Place(Session& session) : node_{&session} {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    friend class WaitingList;

    [[nodiscard]] bool is_taken() const { return node_.empty(); }

    std::list<Session*> node_;  // holds the list's element while it is not in the list
    std::list<Session*>::iterator element_ = node_.begin();
  };

  /// The wait begins, unless it has before.
  void enter(Place& place) {
    if (!place.is_taken()) sessions_.splice(sessions_.end(), place.node_);
  }

  /// The wait is over, if there was one.
  void leave(Place& place) {
    if (place.is_taken()) place.node_.splice(place.node_.end(), sessions_, place.element_);
  }

  // From the longest wait to the shortest.
  [[nodiscard]] iterator begin() const { return sessions_.begin(); }
  [[nodiscard]] iterator end() const { return sessions_.end(); }

 private:
  std::list<Session*> sessions_;
};

}  // namespace marconi::transport::http
