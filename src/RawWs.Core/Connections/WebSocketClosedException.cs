namespace RawWs;

/// <summary>
/// What was asked for can't be done any more, because the connection is closing or has ended. Sessions and handlers need not catch it: one
/// that ends with it has ended in an ordinary way.
/// </summary>
/// <param name="message">What can't be done.</param>
/// <param name="innerException">The error of the network, if there was one.</param>
public sealed class WebSocketClosedException(string message, Exception? innerException = null) : IOException(message, innerException);
