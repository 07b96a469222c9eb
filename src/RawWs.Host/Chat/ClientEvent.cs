namespace RawWs.Host;

/// <summary>What a client of the chat sends, as it was sent: which members are there is for <see cref="Type"/> to say, and is checked by whoever handles it.</summary>
/// <param name="Type">One of the constants.</param>
/// <param name="Name">Who joins.</param>
/// <param name="Id">What the client calls a message or a ping.</param>
/// <param name="Text">What is said.</param>
internal sealed record ClientEvent(string? Type, string? Name, string? Id, string? Text)
{
    public const string Join = "join";
    public const string Message = "message";
    public const string Ping = "ping";
}
