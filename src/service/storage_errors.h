// Puts into words what a store can only name by kind.
#pragma once

#include "base/error.h"
#include "domain/errors.h"

namespace marconi::service {

/// `queue_missing` in words; every other error as it is.
inline base::Error in_words(const base::Error& error, const domain::QueueAddress& queue) {
  return error.kind == base::ErrorKind::queue_missing ? domain::errors::queue_missing(queue)
                                                      : error;
}

/// `claim_missing` in words, and likewise a missing queue, for which no claim can be there either.
inline base::Error in_words(const base::Error& error, const domain::QueueAddress& queue,
                            const domain::ClaimId& claim) {
  const bool missing =
      error.kind == base::ErrorKind::claim_missing || error.kind == base::ErrorKind::queue_missing;
  return missing ? domain::errors::claim_missing(claim, queue) : error;
}

}  // namespace marconi::service
