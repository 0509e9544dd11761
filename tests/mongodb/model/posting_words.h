// How the steps of the posting model are told apart and told.
#pragma once

#include "mongodb/model/posting_state.h"

namespace marconi::mongodb::model {

/// Who acts; producers are numbered after these.
enum Actor : Byte { kObserver, kSweeper, kConsumer, kExpiry, kRemover, kNetwork, kProducer };

/// Actions besides the steps of hosts.
constexpr Byte kCrash = 100;
constexpr Byte kLoseAnswer = 101;
constexpr Byte kEndPage = 102;

}  // namespace marconi::mongodb::model
