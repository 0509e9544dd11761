// Operations as only API v1.1 does them (http-v1.1).
#pragma once

#include "api/exchange.h"
#include "api/handler.h"
#include "base/error.h"

namespace marconi::api::v1_1 {

base::Result<Response> get_home(Exchange& exchange);
base::Result<Response> get_health(Exchange& exchange);

base::Result<Response> list_queues(Exchange& exchange);
base::Result<Response> get_queue(Exchange& exchange);

base::Result<Response> post_messages(Exchange& exchange);
base::Result<Response> get_messages(Exchange& exchange);     ///< a page, or several by id
base::Result<Response> delete_messages(Exchange& exchange);  ///< several by id, or pop

}  // namespace marconi::api::v1_1
