// Asio and Beast, compiled once: other files only declare them.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
