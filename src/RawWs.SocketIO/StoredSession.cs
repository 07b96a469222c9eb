namespace RawWs.SocketIO;

/// <summary>What a socket was when it lost its connection, to be that again.</summary>
/// <param name="SocketId">Its id.</param>
/// <param name="PrivateId">What its client names itself by: a secret between the two.</param>
/// <param name="Rooms">Where it was, its own room included.</param>
/// <param name="Data">What the application kept with it.</param>
/// <param name="FirstOffset">What <see cref="SocketIOAdapter.LastOffset"/> was when it connected.</param>
public sealed record StoredSession(string SocketId, string PrivateId, IReadOnlyList<string> Rooms, SocketData Data, string? FirstOffset);
