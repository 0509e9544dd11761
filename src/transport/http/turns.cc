#include "transport/http/turns.h"

namespace marconi::transport::http {

Turns::Client& Turns::client_at(const std::string& address) {
  return clients_.try_emplace(address, address).first->second;
}

Turns::Participant* Turns::next() {
  if (waiting_.empty()) return nullptr;
  Client& client = **waiting_.begin();
  Participant* const participant = *client.line.begin();
  participant->leave_line();
  waiting_.leave(client.place);  // to the end of the clients
  if (!client.line.empty()) waiting_.enter(client.place);
  return participant;
}

Turns::Participant::Participant(Turns& turns, const std::string& address)
    : turns_(turns), client_(turns.client_at(address)) {
  ++client_.connections;
}

Turns::Participant::~Participant() {
  leave_line();
  if (--client_.connections == 0) turns_.clients_.erase(turns_.clients_.find(client_.address));
}

bool Turns::Participant::asks_too_much(TimePoint now) {
  if (now - turns_.period_begin_ >= kPeriod) {
    turns_.period_begin_ = now;
    ++turns_.period_;
  }
  if (std::exchange(client_.period, turns_.period_) != turns_.period_) client_.parts = 0;
  return ++client_.parts > kPartsAtOnce && turns_.clients_.size() > 1;
}

void Turns::Participant::join_line() {
  client_.line.enter(place_);
  turns_.waiting_.enter(client_.place);
}

void Turns::Participant::leave_line() {
  client_.line.leave(place_);
  if (client_.line.empty()) turns_.waiting_.leave(client_.place);
}

}  // namespace marconi::transport::http
