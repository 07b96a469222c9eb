namespace RawWs.Redis.Resp;

/// <summary>The server has sent what is no RESP, or more than it may: nothing that follows can be made sense of, and the connection ends.</summary>
internal sealed class RespProtocolException(string message) : Exception(message);
