namespace RawWs.SocketIO;

/// <summary>A value of an event or an ack is missing, or is not what was asked for.</summary>
/// <param name="message">Which value of which event, and what was asked for.</param>
/// <param name="innerException">What JSON said.</param>
public sealed class EventValueException(string message, Exception? innerException = null) : Exception(message, innerException);
