using System.Text.Json.Serialization;

namespace RawWs.Host;

/// <summary>What the chat sends to a client. docs/chat.md describes each for those who write one.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(WelcomeEvent), "welcome")]
[JsonDerivedType(typeof(JoinedEvent), "joined")]
[JsonDerivedType(typeof(LeftEvent), "left")]
[JsonDerivedType(typeof(MessageEvent), "message")]
[JsonDerivedType(typeof(MissedEvent), "missed")]
[JsonDerivedType(typeof(AckEvent), "ack")]
[JsonDerivedType(typeof(PongEvent), "pong")]
[JsonDerivedType(typeof(ErrorEvent), "error")]
internal abstract record ServerEvent;

/// <summary>The client has joined: what was said before has been sent, and what is said from now on will be.</summary>
/// <param name="Server">A name of this start of the server, which the client's member is of. What another one has confirmed, this one may not know.</param>
/// <param name="Room">The room.</param>
/// <param name="Member">What the client is called in other events.</param>
/// <param name="Here">Who is in the room, on all servers, the client included.</param>
internal sealed record WelcomeEvent(string Server, string Room, long Member, IEnumerable<ChatMember> Here) : ServerEvent;

/// <summary>Somebody has joined.</summary>
internal sealed record JoinedEvent(string Server, long Member, string Name) : ServerEvent;

/// <summary>Somebody has left. A member never comes back, unless its server was given up for lost and is heard again: whoever joins again is another one, with the same name.</summary>
internal sealed record LeftEvent(string Server, long Member, string Name) : ServerEvent;

/// <summary>Somebody has said something, maybe the client itself: then it is the confirmation.</summary>
/// <param name="Id">What its sender called it.</param>
/// <param name="Server">The start of the server that the member is of.</param>
/// <param name="Member">Who said it.</param>
/// <param name="Name">What that member is called.</param>
/// <param name="Text">Whatever it was: nothing in it is markup.</param>
/// <param name="Time">When the server took it.</param>
internal sealed record MessageEvent(string Id, string Server, long Member, string Name, string Text, DateTimeOffset Time) : ServerEvent;

/// <summary>What was said on other nodes before this, and after what was sent before, may be missing.</summary>
/// <param name="Id">Of this event: with the history, it comes again.</param>
internal sealed record MissedEvent(string Id) : ServerEvent;

/// <summary>A message of the client was said before, and is not said again.</summary>
internal sealed record AckEvent(string Id) : ServerEvent;

/// <summary>The answer to a ping.</summary>
internal sealed record PongEvent(string? Id) : ServerEvent;

/// <summary>The client has sent something that can't be taken.</summary>
/// <param name="Code">For programs; docs/chat.md lists them.</param>
/// <param name="Reason">For people.</param>
/// <param name="Id">Of the message that was refused, if it had one.</param>
internal sealed record ErrorEvent(string Code, string Reason, string? Id = null) : ServerEvent;

/// <summary>Somebody in a room.</summary>
/// <param name="Server">The start of the server that it is connected to.</param>
/// <param name="Member">Its number there.</param>
/// <param name="Name">What it is called.</param>
internal readonly record struct ChatMember(string Server, long Member, string? Name);
