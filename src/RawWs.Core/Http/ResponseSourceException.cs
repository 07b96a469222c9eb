namespace RawWs.Http;

/// <summary>The stream of a response has failed, or ended before its length. The client must not take what it has for the whole.</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">What the stream threw, if it did.</param>
internal sealed class ResponseSourceException(string message, Exception? innerException = null) : Exception(message, innerException);
